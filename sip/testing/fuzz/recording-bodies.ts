import { readOffer } from '../../sdp/offer.ts';
import { isMetadata, readParts } from '../../siprec/multipart.ts';
import { Parties } from '../../siprec/parties.ts';
import { readHints } from '../../siprec/party-hints.ts';
import { mergeMetadata, nothingKnown } from '../../siprec/recording-state.ts';
import { readMetadata } from '../../siprec/rs-metadata.ts';
import { assignSides } from '../../siprec/sides.ts';

/** Reads a recording client's body in every way there is. @returns how many streams were given a side that another has */
export function doubleSides(contentType: string | undefined, text: string): number {
  let doubled = 0;
  const parts = readParts(contentType, text);
  for (const part of [...parts, { type: '', disposition: '', body: text }]) {
    const offer = readOffer(part.body);
    const metadata = isMetadata(part) || part.type === '' ? readMetadata(part.body) : undefined;
    readHints(part.body);
    const merged = metadata?.ok === true ? mergeMetadata(nothingKnown, metadata.metadata).state : nothingKnown;
    const twice = metadata?.ok === true ? mergeMetadata(merged, metadata.metadata).state : merged;
    const lines = offer.ok ? offer.offer.lines : [];
    const assigned = assignSides(
      lines.map(({ label, audio }) => ({ label, usable: audio !== null, active: audio?.rtpPort !== 0, side: null })),
      twice,
    );
    const taken = assigned.flatMap(({ side }) => (side === null ? [] : [side]));
    doubled += taken.length - new Set(taken).size;
    new Parties().update(assigned, twice, 0, () => ({ uri: null, displayName: null, role: 'unknown' }));
  }
  return doubled;
}
