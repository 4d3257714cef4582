import { addressMatcher } from '#lib/addresses.ts';
import type { Config, TrunkConfig } from '#lib/config/schema.ts';

/** Finds the trunk that an address belongs to. */
export function createTrunkFinder({ trunks }: Config): (address: string) => TrunkConfig | undefined {
  const matchers = trunks.map((trunk) => ({ trunk, matches: addressMatcher(trunk.match) }));
  return (address) => matchers.find((each) => each.matches(address))?.trunk;
}

/** The trunk that a B-leg target belongs to, by host. */
export function trunkOfHost({ trunks }: Config, host: string): TrunkConfig | undefined {
  return trunks.find((trunk) => trunk.host?.toLowerCase() === host.toLowerCase());
}
