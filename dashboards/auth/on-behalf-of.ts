import type { Json } from '#db/types.ts';

/** Header in which a client that many share by one key (the command line) says for whom it asks: percent-encoded. */
export const onBehalfOfHeader = 'Sidetone-On-Behalf-Of';

const longestName = 100;
const control = /\p{Cc}/u;

/** `maria`, of a claim as `claimIn` makes it; undefined where there is none. */
export function claimedName({ onBehalfOf }: Readonly<Record<string, Json>>): string | undefined {
  if (typeof onBehalfOf !== 'object' || onBehalfOf === null || !('name' in onBehalfOf)) return undefined;
  return typeof onBehalfOf['name'] === 'string' ? onBehalfOf['name'] : undefined;
}

/**
 * The header as it goes into the detail of audit rows: a claim, which nothing here can verify, and marked as one. Empty
 * where there is none. Undefined: one that is no name.
 */
export function claimIn(header: string | undefined): Readonly<Record<string, Json>> | undefined {
  if (header === undefined) return {};
  let name: string;
  try {
    name = decodeURIComponent(header).trim();
  } catch {
    return undefined;
  }
  if (name === '' || name.length > longestName || control.test(name)) return undefined;
  return claimOf(name);
}

/** The claim of a name that was read before. */
export function claimOf(name: string | null): Readonly<Record<string, Json>> {
  return name === null ? {} : { onBehalfOf: { name, verified: false } };
}
