import { expect, test } from 'vitest';
import { doubleSides } from '../testing/fuzz/recording-bodies.ts';

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
