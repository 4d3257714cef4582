import type { RedactionRow, RedactorOutput, ReleasedSegment, SilenceRange } from '#analytics/redaction/types.ts';
import { readings, readToken } from '#analytics/redaction/digit-words.ts';
import type { CallScript, SecretStretch } from './script.ts';

/** What a whole call left behind, as its tables and files would hold it. */
export interface Remains {
  readonly segments: readonly ReleasedSegment[];
  readonly shown: readonly { readonly text: string; readonly startMs: number; readonly endMs: number }[];
  readonly rows: readonly Omit<RedactionRow, 'row'>[];
  readonly silence: readonly SilenceRange[];
  /** Segments that had to be rewritten after they were released. */
  readonly lateSegments: number;
}

export function gather(outputs: readonly RedactorOutput[]): Remains {
  const segments = new Map<string, ReleasedSegment>();
  for (const { released, late } of outputs) {
    for (const segment of [...released, ...late]) segments.set(segment.segmentId, segment);
  }
  return {
    segments: [...segments.values()].sort((a, b) => a.startMs - b.startMs),
    shown: outputs.flatMap(({ partials }) => partials.flatMap(({ words }) => words)),
    rows: [...new Map(outputs.flatMap(({ redactions }) => redactions.map((row) => [row.row, row] as const))).values()],
    silence: outputs.flatMap(({ silence, lateSilence, unheard }) => [...silence, ...lateSilence, ...unheard]),
    lateSegments: outputs.reduce((sum, { late }) => sum + late.length, 0),
  };
}

/** Every way in which the remains give something away; empty when clean. */
export function leaks(remains: Remains, script: CallScript, stretches: readonly SecretStretch[]): string[] {
  const words = remains.segments.flatMap((segment) => segment.words).sort((a, b) => a.startMs - b.startMs);
  const found: string[] = [];
  for (const { stretch, startMs, endMs } of stretches) {
    for (const word of words) {
      // Word times are some tens of ms off: what touches the edge by less than 60 ms is outside.
      if (word.startMs >= endMs - 60 || word.endMs <= startMs + 60) continue;
      if ([word.text, ...(word.spoken?.split(' ') ?? [])].some((text) => readToken(text).kind !== 'word'))
        found.push(`${script.name}: "${word.text}" within ${stretch}`);
    }
    if (!isSilent(remains.silence, startMs, endMs)) found.push(`${script.name}: sound within ${stretch}`);
  }
  const numbers = words.map((word) => readToken(word.text)).filter(({ kind }) => kind === 'number');
  const atoms = numbers.flatMap((number) => number.atoms);
  const digits = atoms.length > 0 ? (readings(atoms)[0] ?? '') : '';
  for (const card of script.cards) {
    for (let index = 0; index + 3 <= card.length; index++) {
      if (digits.includes(card.slice(index, index + 3)))
        found.push(`${script.name}: three digits of the card in a row`);
    }
  }
  const spans = remains.segments.flatMap((segment) => segment.written.map((span) => span.text));
  const text = [...remains.segments.map((segment) => segment.text), ...spans].join(' ');
  const figures = text.replace(/\D/g, '');
  for (const code of [...script.codes, ...script.pins]) {
    if (text.includes(code) || digits.includes(code) || figures.includes(code))
      found.push(`${script.name}: a code in the text`);
  }
  let inRow = 0;
  let shownMs = Number.NEGATIVE_INFINITY;
  for (const segment of remains.segments) {
    if (segment.text !== segment.words.map((word) => word.text).join(' '))
      found.push(`${script.name}: text is not its words`);
  }
  for (const word of remains.shown) {
    const inside = stretches.some(({ startMs, endMs }) => word.startMs < endMs - 60 && word.endMs > startMs + 60);
    // A partial tells its words anew each time.
    if (word.startMs <= shownMs) inRow = 0;
    shownMs = word.startMs;
    inRow = inside && readToken(word.text).kind === 'number' ? inRow + 1 : 0;
    if (inRow >= 2) found.push(`${script.name}: "${word.text}" shown live`);
  }
  return found;
}

export function isSilent(silence: readonly SilenceRange[], startMs: number, endMs: number): boolean {
  let atMs = startMs;
  for (const range of silence.toSorted((a, b) => a.startMs - b.startMs)) {
    if (range.startMs <= atMs && range.endMs > atMs) atMs = range.endMs;
  }
  return atMs >= endMs;
}
