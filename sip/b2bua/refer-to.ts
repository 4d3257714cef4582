import { isIPv6 } from 'node:net';
import { parseNameAddr } from '../routing/name-addr.ts';
import { parseUri } from '../routing/uri.ts';

/** Default port of a SIP URI without one (RFC 3261 section 19.1.2). */
const defaultPort = 5060;

/**
 * A Refer-To that names us, by the address that the asking leg knows us by, names us by the one that the asked leg can
 * reach. Any other goes on as it is.
 */
export function readdressReferTo(
  referTo: string,
  ownPorts: ReadonlySet<number>,
  knownBy: string,
  reachedBy: string,
): string {
  const uri = parseNameAddr(referTo)?.uri ?? '';
  const parsed = parseUri(uri);
  if (parsed === undefined || parsed.host !== knownBy || !ownPorts.has(parsed.port ?? defaultPort)) return referTo;
  const host = isIPv6(reachedBy) ? `[${reachedBy}]` : reachedBy;
  const readdressed = uri.replace(/^(sips?:(?:[^@?]*@)?)(?:\[[^\]]*\]|[^:;?]+)/i, (_, before: string) => before + host);
  return referTo.replace(uri, () => readdressed);
}
