import { parseParams, type Params } from './fields.ts';

export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** With the password where there is one; '' when absent. */
  readonly user: string;
  /** An IPv6 literal keeps its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly params: Params;
  /** Everything after host and port, as it stands: `;params?headers`. */
  readonly rest: string;
}

export function schemeOf(uri: string): string {
  const colon = uri.indexOf(':');
  return colon === -1 ? '' : uri.slice(0, colon).toLowerCase();
}

const hostPort = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::(\d{1,5}))?$/;

/** A SIP or SIPS URI (RFC 3261 section 19.1). Undefined where it is none. */
export function parseSipUri(uri: string): SipUri | undefined {
  const scheme = schemeOf(uri);
  if (scheme !== 'sip' && scheme !== 'sips') return undefined;
  const from = scheme.length + 1;
  const at = uri.indexOf('@', from);
  const hostFrom = at === -1 ? from : at + 1;
  let hostTo = hostFrom;
  while (hostTo < uri.length && uri[hostTo] !== ';' && uri[hostTo] !== '?') hostTo += 1;
  const match = hostPort.exec(uri.slice(hostFrom, hostTo));
  if (match === null) return undefined;
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && (port === 0 || port > 65_535)) return undefined;
  const rest = uri.slice(hostTo);
  const question = rest.indexOf('?');
  const params = question === -1 ? rest.slice(1) : rest.slice(1, question);
  return {
    scheme,
    user: at === -1 ? '' : uri.slice(from, at),
    host: match[1] ?? '',
    port,
    params: rest.startsWith(';') ? parseParams(params) : parseParams(''),
    rest,
  };
}

/** An address as a URI or a Via spells it: IPv6 in brackets. */
export function hostText(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** Without the brackets of an IPv6 literal. */
export function plainHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
