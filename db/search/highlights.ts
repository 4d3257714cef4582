import { sql, type RawBuilder } from 'kysely';
import type { Highlight } from '../types.ts';

/** Private-use characters, which no transcript holds; if one did, the row is shown without highlights. */
const open = '\uE000';
const close = '\uE001';
const options = `HighlightAll=true,StartSel=${open},StopSel=${close}`;

/** A text of the row with marks around what `query` (a tsquery, or null) finds in it. */
export function markedText(
  vector: 'english' | 'simple',
  query: string | null,
  column: 'text' | 'spoken' = 'text',
): RawBuilder<string | null> {
  if (query === null) return sql<string | null>`null::text`;
  return sql<
    string | null
  >`ts_headline(${sql.lit(vector)}::regconfig, ${sql.ref(`utterances.${column}`)}, ${query}::tsquery, ${options}::text)`;
}

/** Ranges from marked texts of one text, joined where they touch or overlap. */
export function highlightsOf(text: string, marked: readonly (string | null)[]): readonly Highlight[] {
  return joinRanges(marked.flatMap((each) => (each === null ? [] : rangesOf(text, each))));
}

export function joinRanges(apart: readonly Highlight[]): readonly Highlight[] {
  const ranges = apart.toSorted((one, other) => one.startChar - other.startChar);
  const joined: Highlight[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last === undefined || range.startChar > last.endChar) joined.push(range);
    else joined[joined.length - 1] = { startChar: last.startChar, endChar: Math.max(last.endChar, range.endChar) };
  }
  return joined;
}

function rangesOf(text: string, marked: string): readonly Highlight[] {
  const ranges: Highlight[] = [];
  let plain = '';
  let startChar = -1;
  for (const piece of marked.split(/([\uE000\uE001])/)) {
    if (piece === open) startChar = plain.length;
    else if (piece !== close) plain += piece;
    else if (startChar >= 0) {
      ranges.push({ startChar, endChar: plain.length });
      startChar = -1;
    }
  }
  return plain === text ? ranges : [];
}
