import type { Word } from '#asr/types.ts';
import { samplesToMs, type SampleRange } from '#media/types.ts';
import { maskIn } from '../redaction/mask-names.ts';
import type { Utterance } from '../types.ts';

/** Words `from` to `to - 1` of an utterance whose sound is wholly there, and where that is to be heard, in ms. */
export interface Passage {
  readonly from: number;
  readonly to: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** Around the speech, as recognition had it the first time. */
const marginMs = 150;

/**
 * What of an utterance may be recognised again. Masked words stand as they are, and so do words of which any sound was
 * silenced with them. None at all where a mask's sound is not silent: what it hides could be heard.
 */
export function passagesOf(
  { words, startMs, endMs }: Pick<Utterance, 'words' | 'startMs' | 'endMs'>,
  silenced: readonly SampleRange[],
): readonly Passage[] {
  const silent = silenced.map(({ startSample, endSample }) => {
    return { startMs: samplesToMs(startSample), endMs: samplesToMs(endSample) };
  });
  const touches = (word: Pick<Word, 'startMs' | 'endMs'>): boolean =>
    silent.some((range) => range.startMs < word.endMs && range.endMs > word.startMs);
  const isHeard = ({ startMs: from, endMs: to }: Word): boolean =>
    !silent.some((range) => range.startMs <= from && range.endMs >= to);
  if (words.some((word) => maskIn(word.text) !== undefined && isHeard(word))) return [];
  const passages: Passage[] = [];
  for (let from = 0; from < words.length; from += 1) {
    const first = words[from];
    if (first === undefined || touches(first) || maskIn(first.text) !== undefined) continue;
    let to = from + 1;
    for (
      let word = words[to];
      word !== undefined && !touches(word) && maskIn(word.text) === undefined;
      word = words[to]
    )
      to += 1;
    const last = words[to - 1] ?? first;
    const [before, after] = [words[from - 1], words[to]];
    const earliestMs = Math.max(
      before?.endMs ?? startMs - marginMs,
      ...silent.map((range) => range.endMs).filter((ms) => ms <= first.startMs),
    );
    const latestMs = Math.min(
      after?.startMs ?? endMs + marginMs,
      ...silent.map((range) => range.startMs).filter((ms) => ms >= last.endMs),
    );
    passages.push({
      from,
      to,
      startMs: Math.max(0, earliestMs, (before === undefined ? startMs : first.startMs) - marginMs),
      endMs: Math.min(latestMs, (after === undefined ? endMs : last.endMs) + marginMs),
    });
    from = to;
  }
  return passages;
}
