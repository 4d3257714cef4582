import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBencode, encodeBencode, type Bencode, type Encodable } from './bencode.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 20_000);

describe('bencode', () => {
  test.each<[string, Encodable]>([
    ['d7:command4:pinge', { command: 'ping' }],
    ['d5:flagsl3:all6:siprece5:limiti32ee', { flags: ['all', 'siprec'], limit: 32 }],
    ['i-7e', -7],
    ['0:', ''],
    ['le', []],
    ['de', {}],
    // Lengths count bytes.
    ['5:n\u00fc\u00fc', 'n\u00fc\u00fc'],
  ])('%s', (text, value) => {
    expect(encodeBencode(value).toString()).toBe(text);
    expect(plain(decodeBencode(Buffer.from(text)))).toEqual(value);
  });

  test('a key without a value is left out', () => {
    expect(encodeBencode({ a: undefined, b: 1 }).toString()).toBe('d1:bi1ee');
  });

  test('keys stay in their order, those of digits too', () => {
    const read = decodeBencode(Buffer.from('d2:zzi1e1:2i2e1:1i3e9:__proto__i4ee'));
    expect(read instanceof Map ? [...read] : read).toEqual([
      ['zz', 1],
      ['2', 2],
      ['1', 3],
      ['__proto__', 4],
    ]);
  });

  test.each([
    '',
    'd',
    'd1:a',
    'd1:ai1e',
    'di1ei1ee',
    'l',
    'i',
    'ie',
    'i-e',
    'i1',
    'i1.5e',
    '3:ab',
    '-1:a',
    '4294967299:a',
    '99999999999999999999:a',
    'i99999999999999999999e',
    'dei1e',
    'x',
    'l'.repeat(30) + 'e'.repeat(30),
    'l'.repeat(60_000),
  ])('%.30s is not bencode', (text) => {
    expect(decodeBencode(Buffer.from(text))).toBeUndefined();
  });

  test('what was written is read as it was', () => {
    const values = fc.letrec<{ value: Encodable }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(
          fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
          tie('value'),
          { maxKeys: 4, noNullPrototype: true },
        ),
      ),
    })).value;
    fc.assert(
      fc.property(values, (value) => {
        expect(plain(decodeBencode(encodeBencode(value)))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  test(`no bytes make the reader throw (${runs} inputs)`, () => {
    const noise = fc
      .array(fc.constantFrom('d', 'l', 'i', 'e', '1:a', '0:', '9', '1:', '-', '\0', '99:', 'i5e'), { maxLength: 60 })
      .map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(noise, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        expect(() => decodeBencode(bytes)).not.toThrow();
      }),
      { numRuns: runs },
    );
  });
});

/** Maps as objects. */
function plain(value: Bencode | undefined): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [key, plain(each as Bencode)]));
  return Array.isArray(value) ? value.map((each) => plain(each as Bencode)) : value;
}
