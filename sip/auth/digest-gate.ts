import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Config } from '#lib/config/schema.ts';
import type { Clock } from '#lib/clock.ts';
import { digestAlgorithm, digestResponse, ha1Of, parseDigest, type DigestAlgorithm } from './digest.ts';

export type DigestUser = Config['sip']['digest']['users'][number];

export type DigestVerdict =
  | { readonly kind: 'accepted'; readonly user: string }
  /** `stale`: the credentials were right, the nonce too old; the client tries again without asking its user. */
  | { readonly kind: 'challenge'; readonly stale: boolean };

interface GateRequest {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
  /** The Authorization header; undefined when there is none. */
  readonly authorization: string | undefined;
}

const nonceLifetimeMs = 5 * 60_000;
/** Hex digits of an HA1. */
const ha1Length: Readonly<Record<DigestAlgorithm, number>> = { 'SHA-256': 64, MD5: 32 };

/**
 * Checks digest credentials as a UAS. A nonce is its own issue time under a keyed hash, so that unanswered challenges
 * cost no memory; what is remembered is the highest nonce count of each nonce used, until it expires.
 */
export class DigestGate {
  readonly #realm: string;
  readonly #users: ReadonlyMap<string, DigestUser>;
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #clock: Clock;
  readonly #key = randomBytes(32);
  readonly #usedCounts = new Map<string, { count: number; expiresAtMs: number }>();

  constructor(
    realm: string,
    users: readonly DigestUser[],
    clock: Clock,
    algorithms: readonly DigestAlgorithm[] = ['SHA-256', 'MD5'],
  ) {
    this.#realm = realm;
    this.#users = new Map(users.map((user) => [user.name, user]));
    this.#algorithms = algorithmsOfAll(users, algorithms);
    this.#clock = clock;
  }

  get hasUsers(): boolean {
    return this.#users.size > 0;
  }

  /** WWW-Authenticate values, the preferred algorithm first (RFC 8760 section 2.3). */
  challenges(stale: boolean): string[] {
    const nonce = this.#issueNonce();
    return this.#algorithms.map(
      (algorithm) =>
        `Digest realm="${this.#realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`,
    );
  }

  check(request: GateRequest): DigestVerdict {
    const refused: DigestVerdict = { kind: 'challenge', stale: false };
    const given = parseDigest(request.authorization ?? '').find((each) => each['realm'] === this.#realm);
    if (given === undefined) return refused;
    const { username, nonce = '', uri = '', response = '', qop, nc = '', cnonce = '' } = given;
    const algorithm = digestAlgorithm(given['algorithm']);
    const user = this.#users.get(username ?? '');
    const ha1 = algorithm === undefined || user === undefined ? undefined : this.#ha1(user, algorithm);
    if (algorithm === undefined || ha1 === undefined || username === undefined) return refused;
    if (qop !== undefined && qop !== 'auth') return refused;
    if (userOf(uri) !== userOf(request.uri)) return refused;
    const expected = digestResponse({
      algorithm,
      ha1,
      nonce,
      method: request.method,
      uri,
      qop,
      nonceCount: nc,
      clientNonce: cnonce,
      body: request.body,
    });
    if (!sameText(expected, response.toLowerCase())) return refused;
    const issuedMs = this.#issuedMs(nonce);
    if (issuedMs === undefined) return { kind: 'challenge', stale: true };
    const nowMs = this.#clock.nowMs();
    if (nowMs - issuedMs > nonceLifetimeMs) return { kind: 'challenge', stale: true };
    // Without qop (RFC 2069) there is no count to tell a replay by: such a nonce serves once.
    if (!this.#countsUp(nonce, qop === undefined ? '00000001' : nc, issuedMs + nonceLifetimeMs, nowMs)) {
      return { kind: 'challenge', stale: true };
    }
    return { kind: 'accepted', user: username };
  }

  #ha1(user: DigestUser, algorithm: DigestAlgorithm): string | undefined {
    if (user.password !== undefined) return ha1Of(algorithm, user.name, this.#realm, user.password);
    return user.ha1?.length === ha1Length[algorithm] ? user.ha1.toLowerCase() : undefined;
  }

  #issueNonce(): string {
    const issued = `${Math.floor(this.#clock.nowMs()).toString(36)}.${randomBytes(6).toString('hex')}`;
    return `${issued}.${this.#seal(issued)}`;
  }

  #issuedMs(nonce: string): number | undefined {
    const cut = nonce.lastIndexOf('.');
    const issued = nonce.slice(0, Math.max(cut, 0));
    if (!sameText(this.#seal(issued), nonce.slice(cut + 1))) return undefined;
    return Number.parseInt(issued, 36);
  }

  #seal(issued: string): string {
    return createHmac('sha256', this.#key).update(issued).digest('hex').slice(0, 32);
  }

  /** A nonce count seen before is a replay (RFC 7616 section 3.4). */
  #countsUp(nonce: string, nc: string, expiresAtMs: number, nowMs: number): boolean {
    if (!/^[0-9a-f]{8}$/i.test(nc)) return false;
    const count = Number.parseInt(nc, 16);
    const known = this.#usedCounts.get(nonce);
    if (known !== undefined && count <= known.count) return false;
    for (const [old, entry] of this.#usedCounts) {
      if (entry.expiresAtMs > nowMs) break;
      this.#usedCounts.delete(old);
    }
    this.#usedCounts.set(nonce, { count, expiresAtMs });
    return true;
  }
}

/**
 * What every user can answer. A client takes the first algorithm that it knows, before we know whose it is: one that
 * its user has no HA1 for would lock it out, and clients that know MD5 alone may stumble over any other (baresip 1.0).
 */
function algorithmsOfAll(
  users: readonly DigestUser[],
  preferred: readonly DigestAlgorithm[],
): readonly DigestAlgorithm[] {
  const common = preferred.filter((algorithm) =>
    users.every(({ ha1 }) => ha1 === undefined || ha1.length === ha1Length[algorithm]),
  );
  return common.length > 0 ? common : preferred;
}

function userOf(uri: string): string {
  return (
    /^(?:sips?:([^@;]*)@|tel:([^;]*))/i
      .exec(uri)
      ?.slice(1)
      .find((user) => user !== undefined) ?? ''
  );
}

function sameText(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
