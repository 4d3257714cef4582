import type { EngineRequest, EngineResult, RecogniserEngine } from '../engines/types.ts';
import { vadFrameSamples, type Vad } from '../vad/silero.ts';

/**
 * Models whose answers are written into the audio, for tests of what lies around them: a frame is speech when a
 * sample of it is 100 or more, and every stretch of one value is a word of that number.
 */
export const scriptedVad: Vad = {
  createStream: () => ({ context: new Float32Array(0), state: new Float32Array(0) }),
  detect: (rows) => Promise.resolve(Float32Array.from(rows, (row) => (isLoud(row.pcm, row.offset) ? 0.99 : 0.01))),
  close: () => Promise.resolve(),
};

function isLoud(pcm: Int16Array, offset: number): boolean {
  return pcm.subarray(offset, offset + vadFrameSamples).some((sample) => Math.abs(sample) >= 100);
}

export function scriptedEngine(seen: EngineRequest[] = []): RecogniserEngine {
  return {
    name: 'scripted',
    language: 'en',
    abilities: { times: true, confidence: true, drafts: true, phrases: false },
    recognise: (requests) => {
      seen.push(...requests);
      return Promise.resolve(requests.map(read));
    },
    close: () => Promise.resolve(),
  };
}

function read(request: EngineRequest): EngineResult {
  const words: { text: string; startSample: number; endSample: number; confidence: number }[] = [];
  request.pcm.forEach((value, sample) => {
    const last = words.at(-1);
    if (value === 0) return;
    if (last?.text === String(value) && last.endSample === sample) last.endSample = sample + 1;
    else words.push({ text: String(value), startSample: sample, endSample: sample + 1, confidence: 0.9 });
  });
  return {
    text: words.map((word) => word.text).join(' '),
    tokens: words.map((word) => Number(word.text)),
    words,
    confidence: words.length === 0 ? 0 : 0.9,
    empty: words.length === 0,
  };
}

/** A line on which numbers are said: `[silent frames, frames of speech]` after one another, counted from `first`. */
export function speakNumbers(turns: readonly (readonly [number, number])[], first = 100): Int16Array {
  const frames = turns.reduce((sum, [silent, spoken]) => sum + silent + spoken, 0);
  const pcm = new Int16Array(frames * vadFrameSamples);
  let at = 0;
  turns.forEach(([silent, spoken], index) => {
    at += silent * vadFrameSamples;
    pcm.fill(first + index, at, at + spoken * vadFrameSamples);
    at += spoken * vadFrameSamples;
  });
  return pcm;
}
