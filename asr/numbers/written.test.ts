import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { writtenSpans } from './written.ts';

function write(text: string): string {
  const words = text.split(' ').map((each) => ({ text: each }));
  const out: string[] = [];
  let at = 0;
  for (const { from, to, text: written } of writtenSpans(words)) {
    out.push(...words.slice(at, from).map((word) => word.text), written);
    at = to;
  }
  return [...out, ...words.slice(at).map((word) => word.text)].join(' ');
}

const cases = readFileSync(new URL('./written.cases.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.includes(' = '))
  .map((line) => line.split(' = ') as [string, string]);

describe('written forms', () => {
  test.each(cases)('%s = %s', (spoken, written) => {
    expect(write(spoken)).toBe(written);
  });

  test('what is written already stays so, read again', () => {
    for (const [, written] of cases) expect(write(written)).toBe(written);
  });

  test('spans are in order, without overlap, and change something', () => {
    for (const [spoken] of cases) {
      const words = spoken.split(' ').map((text) => ({ text }));
      let last = 0;
      for (const { from, to, text } of writtenSpans(words)) {
        expect(from).toBeGreaterThanOrEqual(last);
        expect(to).toBeGreaterThan(from);
        expect(to).toBeLessThanOrEqual(words.length);
        const said = words.slice(from, to).map((word) => word.text);
        expect(said.join(' ')).not.toBe(text);
        last = to;
      }
    }
  });

  test('no text makes it fail or take long', () => {
    expect(writtenSpans([])).toEqual([]);
    const any = [
      'one',
      'a',
      'dot',
      'at',
      'double',
      'and',
      'hundred',
      'million',
      'point',
      'p',
      'oh',
      '',
      '.',
      '—',
      '5,',
      'half',
      'to',
      'may',
    ];
    let seed = 1;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 2000; round++) {
      const words = Array.from({ length: 1 + next(12) }, () => ({ text: any[next(any.length)] ?? '' }));
      for (const { from, to } of writtenSpans(words)) expect(to).toBeGreaterThan(from);
    }
    const dictated = Array.from({ length: 2000 }, () => ({ text: 'five' }));
    expect(writtenSpans(dictated)).toHaveLength(1);
  });
});
