import { z } from 'zod';

const lane = z.array(z.number()).meta({ description: 'Loudest sample of each stretch, 0 to 1' });
export const peaks = z
  .object({ durationMs: z.number(), peakMs: z.number(), caller: lane, callee: lane })
  .meta({ id: 'Peaks' });

/** What media/recording writes beside a recording: int8, per peak caller's least and greatest, then the callee's. */
const peaksFile = z.object({
  version: z.literal(1),
  sampleRateHz: z.number().positive(),
  samplesPerPeak: z.number().positive(),
  channels: z.literal(2),
  samples: z.number().min(0),
  peaks: z.array(z.int().min(-128).max(127)),
});

export function peaksOf(file: unknown): z.input<typeof peaks> {
  const { sampleRateHz, samplesPerPeak, samples, peaks: extremes } = peaksFile.parse(file);
  const loudest = (at: number): number => {
    const greatest = Math.max(-(extremes[at] ?? 0), extremes[at + 1] ?? 0, 0);
    return Math.round((greatest / 128) * 1000) / 1000;
  };
  const caller: number[] = [];
  const callee: number[] = [];
  for (let at = 0; at + 3 < extremes.length; at += 4) {
    caller.push(loudest(at));
    callee.push(loudest(at + 2));
  }
  return {
    durationMs: Math.round((samples / sampleRateHz) * 1000),
    peakMs: (samplesPerPeak / sampleRateHz) * 1000,
    caller,
    callee,
  };
}
