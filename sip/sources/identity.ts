import { createTrunkFinder } from '../auth/trunks.ts';
import type { Config } from '#lib/config/schema.ts';
import type { SourceIdentity } from '../types.ts';

/** Whose an address is, where nothing but that is known: its trunk, and what that is for. */
export function createSourceNames(config: Config): (address: string) => SourceIdentity {
  const trunkOf = createTrunkFinder(config);
  return (address) => {
    const trunk = trunkOf(address);
    return { source: trunk?.recorder === true ? 'siprec' : 'b2bua', sourceName: trunk?.name ?? address };
  };
}
