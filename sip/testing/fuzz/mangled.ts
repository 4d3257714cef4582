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
  // Without a bias, which would have nearly every edit at the beginning.
  const edit = fc.tuple(fc.noBias(fc.nat(999_999)), fc.noBias(fc.nat(24)), fc.constantFrom(...scraps));
  return fc
    .tuple(fc.constantFrom(...texts), fc.noBias(fc.array(edit, { minLength: 1, maxLength: mostEdits })))
    .map(([text, edits]) => {
      let made = text;
      for (const [millionth, cut, scrap] of edits) {
        const at = Math.floor((millionth / 1_000_000) * made.length);
        made = made.slice(0, at) + scrap + made.slice(at + cut);
      }
      return made;
    });
}
