/** A SIP or tel URI in the parts that routing and identities need. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips' | 'tel';
  /** Without parameters (`;npdi`) and password; empty where there is none. For tel: the number without separators. */
  readonly user: string;
  /** Lower case, IPv6 without brackets; empty for tel. */
  readonly host: string;
  readonly port: number | undefined;
  /** `transport` of the URI, lower case. */
  readonly transport: string | undefined;
}

/** @returns undefined for anything but a well-formed sip, sips or tel URI. */
export function parseUri(text: string): SipUri | undefined {
  const tel = /^tel:([^;?\s]+)/i.exec(text);
  if (tel !== null) {
    const user = (tel[1] ?? '').replaceAll(/[-.()]/g, '');
    return { scheme: 'tel', user, host: '', port: undefined, transport: undefined };
  }
  const sip = /^(sips?):(?:([^@\s]*)@)?(\[[0-9a-f:.]+\]|[^:;?\s[\]@]+)(?::(\d{1,5}))?((?:;[^?\s]*)?)(?:\?\S*)?$/i.exec(
    text,
  );
  if (sip === null) return undefined;
  const [, scheme = 'sip', userInfo = '', host = '', port, parameters = ''] = sip;
  const portNumber = port === undefined ? undefined : Number(port);
  if (portNumber !== undefined && (portNumber < 1 || portNumber > 65_535)) return undefined;
  const transport = /;transport=([^;]+)/i.exec(parameters)?.[1]?.toLowerCase();
  return {
    scheme: scheme.toLowerCase() === 'sips' ? 'sips' : 'sip',
    user: (userInfo.split(/[;:]/)[0] ?? '').replaceAll(/%2b/gi, '+'),
    host: host.replaceAll(/[[\]]/g, '').toLowerCase(),
    port: portNumber,
    transport,
  };
}

/** `sip:user@host` or `tel:number` without parameters or password: what is stored of a party. */
export function plainUri(uri: SipUri): string {
  if (uri.scheme === 'tel') return `tel:${uri.user}`;
  const host = uri.host.includes(':') ? `[${uri.host}]` : uri.host;
  return uri.user === '' ? `${uri.scheme}:${host}` : `${uri.scheme}:${uri.user}@${host}`;
}

/** `sip:` or `tel:` without parameters; null where it is none, or the network withheld it (RFC 3323 section 4.1.1.3). */
export function storedUri(text: string): string | null {
  const uri = parseUri(text);
  if (uri === undefined || uri.host === 'anonymous.invalid' || uri.user.toLowerCase() === 'anonymous') return null;
  return plainUri(uri);
}
