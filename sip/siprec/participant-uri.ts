import { parseNameAddr, type NameAddr } from '../routing/name-addr.ts';
import { storedUri } from '../routing/uri.ts';

/**
 * What an `aor` says. Clients write a URI, a name with a URI in angle brackets, an address without scheme, or a bare
 * number: all are read the same way, for the record and for whom not to record.
 */
export function readAor(aor: string): NameAddr | undefined {
  const text = aor.trim();
  const scheme = text.includes(':') ? '' : text.includes('@') || !/^\+?[\d\-.() *#]+$/.test(text) ? 'sip:' : 'tel:';
  return parseNameAddr(`${scheme}${text}`);
}

/** As it is stored and compared; null where it names nobody. */
export function uriOfAor(aor: string | null): string | null {
  const address = aor === null ? undefined : readAor(aor);
  return address === undefined ? null : storedUri(address.uri);
}
