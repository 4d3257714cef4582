import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * Is a Host header one by which this server is rightly asked for: an address, or a name known as its own? Against DNS
 * rebinding: a page may have its own name lead to our address, and is then of "the same origin" as we are; but it cannot
 * have us asked for by a name that is ours.
 * @param names of the configuration; whole URLs count by their host
 */
export function ownNames(names: readonly (string | undefined)[]): (host: string | undefined) => boolean {
  const known = new Set(['localhost', hostname().toLowerCase()]);
  for (const name of names) {
    const host = name === undefined ? undefined : hostOf(name.includes('://') ? name : `http://${name}`);
    if (host !== undefined) known.add(host);
  }
  return (header) => {
    const host = hostOf(`http://${header ?? ''}`);
    return host !== undefined && (isIP(host) !== 0 || known.has(host));
  };
}

/** Lower case, without port and brackets. */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : undefined;
}
