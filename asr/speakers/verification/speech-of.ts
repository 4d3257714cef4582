import { vadFrameSamples, type Vad } from '../../vad/silero.ts';

const speechProbability = 0.5;

/** The speech in a recording, its pauses taken out. 8 kHz. */
export async function speechOf(vad: Vad, pcm: Int16Array): Promise<Int16Array> {
  const stream = vad.createStream();
  const padded = new Int16Array(Math.ceil(pcm.length / vadFrameSamples) * vadFrameSamples);
  padded.set(pcm);
  const speech = new Int16Array(padded.length);
  let samples = 0;
  for (let offset = 0; offset < padded.length; offset += vadFrameSamples) {
    const [probability = 0] = await vad.detect([{ stream, pcm: padded, offset }]);
    if (probability < speechProbability) continue;
    speech.set(padded.subarray(offset, offset + vadFrameSamples), samples);
    samples += vadFrameSamples;
  }
  return speech.slice(0, samples);
}
