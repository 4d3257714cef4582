/** Helpers of tests: sounds at 8 kHz that can be told apart, and telling them apart. */
const sampleRateHz = 8000;

export function tone(hz: number, samples: number, amplitude = 8000, from = 0): Int16Array {
  return Int16Array.from({ length: samples }, (_, n) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * (from + n)) / sampleRateHz)),
  );
}

/** Two tones at once, as a key makes them. */
export function keyTone(rowHz: number, columnHz: number, samples: number, amplitude = 6000): Int16Array {
  const row = tone(rowHz, samples, amplitude);
  const column = tone(columnHz, samples, amplitude);
  return row.map((sample, n) => sample + (column[n] ?? 0));
}

/** Goertzel's power of `pcm` at one frequency: that of a tone grows with the square of amplitude and length. */
export function tonePower(pcm: Int16Array, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz);
  let older = 0;
  let newer = 0;
  for (const sample of pcm) {
    const next = sample + coefficient * newer - older;
    older = newer;
    newer = next;
  }
  return newer * newer + older * older - coefficient * newer * older;
}

/** Share of the energy of `pcm` at one frequency, 0..1. */
export function toneShare(pcm: Int16Array, hz: number): number {
  const energy = pcm.reduce((sum, sample) => sum + sample * sample, 0);
  return energy === 0 ? 0 : tonePower(pcm, hz) / (energy * (pcm.length / 2));
}

/** The longest run of zero samples, as their number. */
export function longestSilence(pcm: Int16Array): number {
  let longest = 0;
  let run = 0;
  for (const sample of pcm) {
    run = sample === 0 ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}

/** The greatest share that one frequency has of any 20 ms. */
export function greatestToneShare(pcm: Int16Array, hz: number): number {
  let greatest = 0;
  for (let at = 0; at + 160 <= pcm.length; at += 80) {
    greatest = Math.max(greatest, toneShare(pcm.subarray(at, at + 160), hz));
  }
  return greatest;
}
