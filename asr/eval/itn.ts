import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writtenSpans } from '../numbers/written.ts';

/** Written forms against `spoken~written` lines, a class a file (`money.txt`). */

export interface WrittenCase {
  readonly spoken: string;
  readonly expected: string;
  readonly written: string;
}
export interface WrittenClass {
  readonly name: string;
  readonly cases: number;
  readonly right: number;
  readonly wrong: readonly WrittenCase[];
}

export function evaluateWritten(dir: string): WrittenClass[] {
  const files = readdirSync(dir).filter((name) => name.endsWith('.txt'));
  return files.toSorted().flatMap((file) => {
    const lines = readFileSync(join(dir, file), 'utf8').split('\n');
    const cases = lines.flatMap((line): WrittenCase[] => {
      const [spoken, expected] = line.split('~');
      if (spoken === undefined || expected === undefined) return [];
      return [{ spoken, expected, written: asWritten(spoken) }];
    });
    const wrong = cases.filter(({ expected, written }) => comparable(expected) !== comparable(written));
    const count = cases.length;
    return count === 0 ? [] : [{ name: file.replace(/\.txt$/, ''), cases: count, right: count - wrong.length, wrong }];
  });
}

/** A text with its written forms in place. */
export function asWritten(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const out: string[] = [];
  let at = 0;
  for (const span of writtenSpans(words.map((word) => ({ text: word })))) {
    out.push(...words.slice(at, span.from), span.text);
    at = span.to;
  }
  return [...out, ...words.slice(at)].join(' ');
}

/** Case, the zero before an hour, and space before punctuation are a matter of style. */
function comparable(text: string): string {
  return text
    .toLowerCase()
    .replace(/\b0(\d:\d\d)/g, '$1')
    .replace(/\s+([!?,.])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}
