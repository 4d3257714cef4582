import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMetadata, readParts } from './multipart.ts';
import { readOffer } from '../sdp/offer.ts';
import { Parties } from './parties.ts';
import { mergeMetadata, nothingKnown } from './recording-state.ts';
import { readHints } from './party-hints.ts';
import { readMetadata } from './rs-metadata.ts';
import { assignSides } from './sides.ts';
import { vendorBodies } from './testing/vendor-bodies.ts';

/** `FUZZ_RUNS=1000000` for a long run: about a third of a millisecond each. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 20_000);

/** A real body with pieces cut out, doubled, or replaced by what parsers stumble over. */
const scraps = [
  '',
  '\r\n',
  '\n',
  '--',
  '<',
  '>',
  '"',
  '&#x0;',
  '\0',
  '<![CDATA[',
  '-->',
  'm=audio ',
  'a=',
  ':',
  '0',
  '9'.repeat(40),
  'é',
  '😀',
  '</recording>',
  'constructor',
  '__proto__',
  'boundary=',
];
const mangled = fc
  .record({
    which: fc.nat(vendorBodies.length - 1),
    edits: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(60), fc.constantFrom(...scraps)), {
      maxLength: 12,
    }),
  })
  .map(({ which, edits }) => {
    let text = vendorBodies[which]?.body ?? '';
    for (const [where, cut, scrap] of edits) {
      const at = Math.floor(where * text.length);
      text = text.slice(0, at) + scrap + text.slice(at + cut);
    }
    return { contentType: vendorBodies[which]?.contentType, text };
  });
const anything = fc.record({
  contentType: fc.option(fc.string(), { nil: undefined }),
  text: fc.string({ maxLength: 400, unit: 'binary' }),
});

/** Reads it in every way there is. @returns how many streams were given a side that another has */
function doubleSides(contentType: string | undefined, text: string): number {
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

test(
  'no body makes a reader throw, and no two streams are one side',
  () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: mangled }, anything), ({ contentType, text }) => {
        expect(doubleSides(contentType, text)).toBe(0);
      }),
      { numRuns },
    );
  },
  60_000 + numRuns,
);

test('the longest and the most repetitive bodies are read in bounded work', () => {
  const long = (piece: string): string => piece.repeat(Math.floor(63_000 / piece.length));
  for (const piece of [
    '<',
    '<</',
    '<a ',
    '</a>',
    '<a/>',
    '&',
    '&#',
    '--b\r\n',
    '--b\r\n\r\n',
    ' ',
    '\n',
    'a=label:',
    'm=audio 1 RTP/AVP 0\r\n',
    '<a><![CDATA[',
    '<!--',
    '"',
    "<a b='",
    '<?',
  ]) {
    for (const text of [
      long(piece),
      `<recording>${long(piece)}`,
      `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n${long(piece)}`,
    ]) {
      expect(doubleSides('multipart/mixed;boundary=b', text)).toBe(0);
    }
  }
});
