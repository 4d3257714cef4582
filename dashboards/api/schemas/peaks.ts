import { z } from 'zod';
import type { RecordingChannels } from '../recording-channels.ts';
import { partySide } from './call.ts';

const lane = z.array(z.number()).meta({ description: 'Loudest sample of each stretch, 0 to 1' });
const laneOf = z.object({
  channel: z.enum(['left', 'right']),
  sides: z.array(partySide).meta({ description: 'Who is heard in it' }),
});
export const peaks = z
  .object({
    durationMs: z.number(),
    peakMs: z.number(),
    caller: lane,
    callee: lane,
    lanes: z.object({ caller: laneOf, callee: laneOf }).meta({
      description: 'Which channel of the recording each lane is of, and everybody who is heard in it',
    }),
  })
  .meta({
    id: 'Peaks',
    description:
      'The two channels of the recording. `caller` is the one with the caller in it and `callee` the other; neither is ' +
      'of that side alone: a third participant is heard with the called party, one mixed stream in both',
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
export function peaksOf(file: unknown, swapped: boolean, channels: RecordingChannels): z.input<typeof peaks> {
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
    lanes: {
      caller: swapped ? inChannel('right', channels) : inChannel('left', channels),
      callee: swapped ? inChannel('left', channels) : inChannel('right', channels),
    },
  };
}

function inChannel(channel: 'left' | 'right', channels: RecordingChannels): z.input<typeof laneOf> {
  return { channel, sides: [...channels[channel]] };
}
