import { createHash, randomBytes } from 'node:crypto';

/** HTTP digest as SIP uses it: RFC 3261 section 22, RFC 7616, RFC 8760. Pure. */
export type DigestAlgorithm = 'MD5' | 'SHA-256';

export interface DigestParameters {
  readonly [name: string]: string;
}

/** Every `Digest` challenge or credential in a header value, which may hold several joined by commas. */
export function parseDigest(value: string): DigestParameters[] {
  const found: Record<string, string>[] = [];
  const pattern = /(?:^|,)?\s*(?:(digest|[a-z]+)\s+(?=[\w-]+\s*=))?([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]*)/giy;
  let current: Record<string, string> | undefined;
  for (let match = pattern.exec(value); match !== null; match = pattern.exec(value)) {
    const [, scheme, name = '', text = ''] = match;
    if (scheme !== undefined) {
      current = scheme.toLowerCase() === 'digest' ? {} : undefined;
      if (current !== undefined) found.push(current);
    }
    if (current !== undefined) current[name.toLowerCase()] = unquote(text);
  }
  return found;
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;
}

export function digestAlgorithm(name: string | undefined): DigestAlgorithm | undefined {
  if (name === undefined) return 'MD5';
  const upper = name.toUpperCase();
  return upper === 'MD5' || upper === 'SHA-256' ? upper : undefined;
}

function hash(algorithm: DigestAlgorithm, text: string): string {
  return createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text, 'utf8')
    .digest('hex');
}

export function ha1Of(algorithm: DigestAlgorithm, user: string, realm: string, password: string): string {
  return hash(algorithm, `${user}:${realm}:${password}`);
}

export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly ha1: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  /** Undefined: the form of RFC 2069, without qop. */
  readonly qop: 'auth' | 'auth-int' | undefined;
  readonly nonceCount: string;
  readonly clientNonce: string;
  readonly body: string;
}

/** The `response` value, in lower-case hex. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, qop } = input;
  const entity = qop === 'auth-int' ? `:${hash(algorithm, input.body)}` : '';
  const ha2 = hash(algorithm, `${input.method}:${input.uri}${entity}`);
  if (qop === undefined) return hash(algorithm, `${input.ha1}:${input.nonce}:${ha2}`);
  return hash(algorithm, [input.ha1, input.nonce, input.nonceCount, input.clientNonce, qop, ha2].join(':'));
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** The one realm that they are for (RFC 3261 section 22.3); undefined: whichever their trunk asks in. */
  readonly realm?: string | undefined;
}

/**
 * The (Proxy-)Authorization value that answers a challenge, or undefined when it asks for nothing we can do. Of
 * several challenges the first understood is answered: they stand in the server's order (RFC 8760 section 2.4).
 */
export function answerChallenge(
  challengeHeader: string,
  request: { readonly method: string; readonly uri: string; readonly body: string },
  credentials: Credentials,
  clientNonce: string = randomBytes(8).toString('hex'),
): string | undefined {
  for (const challenge of parseDigest(challengeHeader)) {
    const algorithm = digestAlgorithm(challenge['algorithm']);
    const { realm, nonce, opaque } = challenge;
    const offered = challenge['qop']?.split(',').map((each) => each.trim().toLowerCase());
    const qop =
      offered === undefined ? undefined : (['auth', 'auth-int'] as const).find((each) => offered.includes(each));
    if (algorithm === undefined || realm === undefined || nonce === undefined) continue;
    if (credentials.realm !== undefined && credentials.realm !== realm) continue;
    if (offered !== undefined && qop === undefined) continue;
    const nonceCount = '00000001';
    const response = digestResponse({
      ...request,
      algorithm,
      ha1: ha1Of(algorithm, credentials.user, realm, credentials.password),
      nonce,
      qop,
      nonceCount,
      clientNonce,
    });
    const parts = [
      `username=${quote(credentials.user)}`,
      `realm=${quote(realm)}`,
      `nonce=${quote(nonce)}`,
      `uri=${quote(request.uri)}`,
      `response="${response}"`,
      `algorithm=${algorithm}`,
    ];
    if (qop !== undefined) parts.push(`qop=${qop}`, `nc=${nonceCount}`, `cnonce="${clientNonce}"`);
    if (opaque !== undefined) parts.push(`opaque=${quote(opaque)}`);
    return `Digest ${parts.join(', ')}`;
  }
  return undefined;
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
