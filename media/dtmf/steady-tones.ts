import { sampleRateHz } from '../types.ts';

/** Of the 40 ms that every receiver must take for a key (ITU-T Q.24), so much is looked for as one piece: 36 ms. */
const steadySamples = 290;
/** Places where it may lie are tried this far apart. */
const stepSamples = 13;
/** Of that piece's energy, what the two tones must hold together: noise may be 9 dB below them ... */
const minSteadyShare = 0.87;
/** ... and only 5 where the pair has gone on for 53 ms: speech does not. */
const minLastingShare = 0.76;
const lastingFrames = 4;
/** And each alone, of both: twist of at most 10 dB; Q.24 asks for 4 to 8. */
const minOfBoth = 0.09;
/** Q.24: 1.5 percent off must be taken, and 3.5 must not. */
const mostOff = 0.025;

/**
 * Whether two tones go on through the middle of `samples` as those of a key do: for 36 ms or more, at one frequency each
 * that is near enough to its nominal one, and with next to nothing beside them. Speech has pairs of harmonics on the
 * spot now and then, for two frames; but they glide, and others stand beside them. `samples`: four frames of `frame`
 * samples, in the second and third of which the pair was seen, `framesSeen` times in a row by now.
 */
export function areSteady(
  samples: Int16Array,
  frame: number,
  rowHz: number,
  columnHz: number,
  framesSeen: number,
): boolean {
  const minShare = framesSeen >= lastingFrames ? minLastingShare : minSteadyShare;
  const row = trueFrequency(samples, frame, rowHz);
  const column = trueFrequency(samples, frame, columnHz);
  if (Math.abs(row - rowHz) > rowHz * mostOff || Math.abs(column - columnHz) > columnHz * mostOff) return false;
  for (let from = 0; from + steadySamples <= samples.length; from += stepSamples) {
    const rowPower = power(samples, from, from + steadySamples, row);
    const columnPower = power(samples, from, from + steadySamples, column);
    const both = rowPower + columnPower;
    const least = Math.min(rowPower, columnPower);
    if (least >= both * minOfBoth && both >= minShare * wholePower(samples, from, from + steadySamples)) return true;
  }
  return false;
}

/** A tone that holds share s of the energy has s times this power. */
function wholePower(samples: Int16Array, from: number, to: number): number {
  let energy = 0;
  for (let i = from; i < to; i++) energy += (samples[i] as number) ** 2;
  return (energy * (to - from)) / 2;
}

function power(samples: Int16Array, from: number, to: number, hz: number): number {
  const { real, imaginary } = resonate(samples, from, to, hz);
  return real * real + imaginary * imaginary;
}

/** By how much further than at `nominalHz` its phase gets from the second frame to the third. */
function trueFrequency(samples: Int16Array, frame: number, nominalHz: number): number {
  const first = resonate(samples, frame, 2 * frame, nominalHz);
  const second = resonate(samples, 2 * frame, 3 * frame, nominalHz);
  const turn = Math.atan2(
    second.imaginary * first.real - second.real * first.imaginary,
    second.real * first.real + second.imaginary * first.imaginary,
  );
  const ahead = turn / (2 * Math.PI) - (frame * nominalHz) / sampleRateHz;
  return nominalHz + ((ahead - Math.round(ahead)) * sampleRateHz) / frame;
}

/** Goertzel's resonator, with its phase at the end. */
function resonate(
  samples: Int16Array,
  from: number,
  to: number,
  hz: number,
): { readonly real: number; readonly imaginary: number } {
  const angle = (2 * Math.PI * hz) / sampleRateHz;
  const coefficient = 2 * Math.cos(angle);
  let older = 0;
  let newer = 0;
  for (let i = from; i < to; i++) {
    const next = (samples[i] as number) + coefficient * newer - older;
    older = newer;
    newer = next;
  }
  return { real: newer - older * Math.cos(angle), imaginary: older * Math.sin(angle) };
}
