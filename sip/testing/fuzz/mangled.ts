import fc from 'fast-check';

/** What parsers stumble over, of every grammar that is read here. */
const scraps = [
  '',
  '\r\n',
  '\n',
  '\r',
  ' ',
  '--',
  '<',
  '>',
  '"',
  '\\',
  ';',
  ',',
  ':',
  '=',
  '@',
  '%',
  '?',
  '&#x0;',
  '\0',
  '<![CDATA[',
  '-->',
  'm=audio ',
  'a=',
  'a=label:',
  ';tag=',
  ';rport',
  ';branch=z9hG4bK',
  'sip:',
  'tel:',
  '[::1]',
  '0',
  '-1',
  '9'.repeat(40),
  'é',
  '😀',
  '</recording>',
  'constructor',
  '__proto__',
  'boundary=',
];

/** A good text with pieces cut out, doubled, or replaced. */
export function mangled(texts: readonly string[], mostEdits = 8): fc.Arbitrary<string> {
  const where = fc.double({ min: 0, max: 1, noNaN: true });
  const edit = fc.tuple(where, fc.oneof(fc.nat(8), fc.nat(200)), fc.constantFrom(...scraps));
  return fc.tuple(fc.constantFrom(...texts), fc.array(edit, { maxLength: mostEdits })).map(([text, edits]) => {
    let made = text;
    for (const [share, cut, scrap] of edits) {
      const at = Math.floor(share * made.length);
      made = made.slice(0, at) + scrap + made.slice(at + cut);
    }
    return made;
  });
}
