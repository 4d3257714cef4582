import { z } from 'zod';

const lane = z.array(z.number()).meta({ description: 'Loudest sample of each stretch, 0 to 1' });
export const peaks = z.object({ durationMs: z.number(), peakMs: z.number(), caller: lane, callee: lane }).meta({
  id: 'Peaks',
  description:
    'The channels of the recording: `caller` the one with the caller in it (left), `callee` the other; ' +
    '`recording.channels` of the call says who else is in which',
});

/** What media/recording writes beside a recording: int8, per peak the left channel's least and greatest, then the right's. */
const peaksFile = z.object({
  version: z.literal(1),
  sampleRateHz: z.number().positive(),
  samplesPerPeak: z.number().positive(),
  channels: z.literal(2),
  samples: z.number().min(0),
  peaks: z.array(z.int().min(-128).max(127)),
});

/** `swapped`: the caller is in the right channel. */
export function peaksOf(file: unknown, swapped: boolean): z.input<typeof peaks> {
  const { sampleRateHz, samplesPerPeak, samples, peaks: extremes } = peaksFile.parse(file);
  const loudest = (at: number): number => {
    const greatest = Math.max(-(extremes[at] ?? 0), extremes[at + 1] ?? 0, 0);
    return Math.round((greatest / 128) * 1000) / 1000;
  };
  const left: number[] = [];
  const right: number[] = [];
  for (let at = 0; at + 3 < extremes.length; at += 4) {
    left.push(loudest(at));
    right.push(loudest(at + 2));
  }
  return {
    durationMs: Math.round((samples / sampleRateHz) * 1000),
    peakMs: (samplesPerPeak / sampleRateHz) * 1000,
    caller: swapped ? right : left,
    callee: swapped ? left : right,
  };
}
