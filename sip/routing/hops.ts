import { isIP } from 'node:net';
import type { HostResolver } from '#lib/host-resolver.ts';
import { parseUri } from './uri.ts';

/** One place to send an INVITE to. */
export interface Hop {
  /** Request-URI. */
  readonly uri: string;
  readonly host: string;
  readonly address: string;
  /** Set where the URI's host is a name: the address that it stands for. */
  readonly nextHop: string | undefined;
}

const mostAddresses = 8;

/**
 * The addresses behind a target's host: itself, or its A records in the name server's order. Empty when the URI is none of ours or the name has no address.
 */
export async function hopsOf(target: string, resolver: HostResolver): Promise<readonly Hop[]> {
  const uri = parseUri(target);
  if (uri === undefined || uri.scheme === 'tel') return [];
  const { host } = uri;
  if (isIP(host) !== 0) return [{ uri: target, host, address: host, nextHop: undefined }];
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const transport = uri.transport === undefined ? '' : `;transport=${uri.transport}`;
  return (await resolver.resolve(host).catch(() => [])).slice(0, mostAddresses).map((address) => ({
    uri: target,
    host,
    address,
    nextHop: `sip:${address}${port}${transport}`,
  }));
}
