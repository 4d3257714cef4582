import { isTone } from './tone.ts';
import { vadFrameSamples, type Vad } from './silero.ts';

/** The peak to which a burst is brought: the detector was trained on speech of about this level. */
const wantedPeak = 16_000;
const maxGain = 16;
/** Frames of this probability make a word; speech of a normal level would reach 0.5. */
const enough = 0.2;
const enoughFrames = 2;
/** The detector needs a moment of what went before. */
const runUpSamples = 8 * vadFrameSamples;

/**
 * Looks again at a short sound, by itself and at a normal level. `pcm`: the sound with what is on the line around it,
 * at least 160 ms after it. True when there is speech in it.
 */
export async function looksLikeSpeech(vad: Vad, pcm: Int16Array): Promise<boolean> {
  if (isTone(pcm)) return false;
  let peak = 1;
  for (const sample of pcm) peak = Math.max(peak, Math.abs(sample));
  const gain = Math.min(maxGain, wantedPeak / peak);
  const frames = Math.ceil(pcm.length / vadFrameSamples);
  const scaled = new Int16Array(runUpSamples + frames * vadFrameSamples);
  pcm.forEach((sample, index) => {
    scaled[runUpSamples + index] = sample * gain;
  });
  const stream = vad.createStream();
  let spoken = 0;
  for (let offset = 0; offset < scaled.length; offset += vadFrameSamples) {
    const [probability] = await vad.detect([{ stream, pcm: scaled, offset }]);
    if ((probability ?? 0) >= enough) spoken += 1;
  }
  return spoken >= enoughFrames;
}
