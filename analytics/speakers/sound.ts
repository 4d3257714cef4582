import { msToSamples } from '#media/types.ts';
import type { Interval } from '../metrics/intervals.ts';

/** Sound at 8 kHz, an array a channel, one block after the other. */
export type SoundBlocks = AsyncIterable<readonly Int16Array[]>;

/** What there is of a voice beyond this adds little to what is known of it. */
export const mostVoiceSamples = 8000 * 60;

/** What of each voice lies in its stretches, one after the other; no more is read than that takes. */
export async function cutOut(
  blocks: SoundBlocks,
  wanted: readonly { readonly channel: number; readonly stretches: readonly Interval[] }[],
): Promise<readonly Int16Array[]> {
  const cuts = wanted.map(({ channel, stretches }) => new Cut(channel, stretches));
  let startSample = 0;
  for await (const block of blocks) {
    for (const cut of cuts) cut.take(block, startSample);
    startSample += block[0]?.length ?? 0;
    if (cuts.every((cut) => cut.isDone(startSample))) break;
  }
  return cuts.map((cut) => cut.pcm);
}

class Cut {
  readonly #channel: number;
  readonly #ranges: readonly (readonly [startSample: number, endSample: number])[];
  readonly #kept: Int16Array;
  #samples = 0;

  constructor(channel: number, stretches: readonly Interval[]) {
    this.#channel = channel;
    this.#ranges = stretches.map(({ startMs, endMs }) => [
      Math.round(msToSamples(startMs)),
      Math.round(msToSamples(endMs)),
    ]);
    const wanted = this.#ranges.reduce((sum, [start, end]) => sum + end - start, 0);
    this.#kept = new Int16Array(Math.min(mostVoiceSamples, wanted));
  }

  take(block: readonly Int16Array[], blockStart: number): void {
    const sound = block[this.#channel] ?? block[0];
    if (sound === undefined) return;
    for (const [start, end] of this.#ranges) {
      const from = Math.max(0, start - blockStart);
      const until = Math.min(sound.length, end - blockStart, from + this.#kept.length - this.#samples);
      if (until <= from) continue;
      this.#kept.set(sound.subarray(from, until), this.#samples);
      this.#samples += until - from;
    }
  }

  isDone(heardSample: number): boolean {
    return this.#samples === this.#kept.length || this.#ranges.every(([, end]) => end <= heardSample);
  }

  get pcm(): Int16Array {
    return this.#kept.subarray(0, this.#samples);
  }
}
