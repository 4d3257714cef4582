import { isLoopback } from '#lib/addresses.ts';
import type { Config } from '#lib/config/schema.ts';
import { isOfThisMachine } from '#lib/this-machine.ts';
import { parseUri } from './uri.ts';

/** Default port of a SIP URI without one (RFC 3261 section 19.1.2). */
const defaultPort = 5060;

/**
 * A server without routes that only this machine can reach puts a call through to where its Request-URI says, as an
 * outbound proxy would, so that two phones beside it can try it with nothing configured. Never to itself, never off
 * the machine.
 */
export function createDirectTarget(
  config: Pick<Config, 'routes' | 'sip'>,
  ownPorts: ReadonlySet<number>,
): (requestUri: string) => string | undefined {
  if (config.routes.length > 0 || !isLoopback(config.sip.host)) return () => undefined;
  return (requestUri) => {
    const uri = parseUri(requestUri);
    if (uri === undefined || uri.scheme === 'tel' || !isOfThisMachine(uri.host)) return undefined;
    return ownPorts.has(uri.port ?? defaultPort) ? undefined : requestUri;
  };
}
