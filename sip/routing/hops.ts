import { lookup, resolve4 } from 'node:dns/promises';
import { isIP } from 'node:net';
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
 * The addresses behind a target's host: itself, or its A records in the name server's order (then the hosts file),
 * asked off the main thread. Empty when the URI is none of ours or the name has no address.
 */
export async function hopsOf(target: string): Promise<readonly Hop[]> {
  const uri = parseUri(target);
  if (uri === undefined || uri.scheme === 'tel') return [];
  const { host } = uri;
  if (isIP(host) !== 0) return [{ uri: target, host, address: host, nextHop: undefined }];
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const transport = uri.transport === undefined ? '' : `;transport=${uri.transport}`;
  return (await addressesOf(host)).slice(0, mostAddresses).map((address) => ({
    uri: target,
    host,
    address,
    nextHop: `sip:${address}${port}${transport}`,
  }));
}

async function addressesOf(name: string): Promise<readonly string[]> {
  if (name === 'localhost') return ['127.0.0.1'];
  try {
    return await resolve4(name);
  } catch {
    const found = await lookup(name, { all: true, family: 4 }).catch(() => []);
    return found.map(({ address }) => address);
  }
}
