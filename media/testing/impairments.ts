import { seededRandom } from '#lib/testing/random.ts';
import { tone } from '#lib/testing/tones.ts';
import type { StreamReport } from '../types.ts';
import type { MediaBench } from './media-bench.ts';
import { pcmuPayload, rtpPacket } from './packets.ts';

/**
 * What a network does to packets, each with the same chance for every packet by itself: `loss` drops it; `reorder` has it
 * come after the next one; `duplication` has it come again 5 ms later; `jitter` has it come 40 to 240 ms late; `all` is all
 * four.
 */
export const impairmentKinds = ['loss', 'reorder', 'duplication', 'jitter', 'all'] as const;
export type ImpairmentKind = (typeof impairmentKinds)[number];

export interface Arrival {
  /** Of the packet, counted from 0. */
  readonly number: number;
  /** Since the first packet would have come at the latest. */
  readonly atMs: number;
}
export interface ImpairedStream {
  /** In the order in which they come. */
  readonly arrivals: readonly Arrival[];
  readonly dropped: number;
  readonly duplicated: number;
}

const packetMs = 20;
const packetSamples = 160;
const reorderedMs = 30;
const duplicateMs = 5;
const lateMs = [40, 240] as const;

/** A stream of so many packets at 20 ms, the first and the last of which come through whole and in time. */
export function impair(kind: ImpairmentKind, share: number, packets: number, seed: number): ImpairedStream {
  const random = seededRandom(seed);
  const happens = (what: ImpairmentKind): boolean => random() < share && (kind === what || kind === 'all');
  const arrivals: Arrival[] = [];
  let dropped = 0;
  let duplicated = 0;
  for (let number = 0; number < packets; number++) {
    let atMs = number * packetMs;
    if (number > 0 && number < packets - 1) {
      const [isLost, isReordered, isDoubled, isLate] = [
        happens('loss'),
        happens('reorder'),
        happens('duplication'),
        happens('jitter'),
      ];
      if (isReordered) atMs += reorderedMs;
      if (isLate) atMs += lateMs[0] + (lateMs[1] - lateMs[0]) * random();
      if (isLost) {
        dropped++;
        continue;
      }
      if (isDoubled) {
        duplicated++;
        arrivals.push({ number, atMs: atMs + duplicateMs });
      }
    }
    arrivals.push({ number, atMs });
  }
  arrivals.sort((a, b) => a.atMs - b.atMs);
  return { arrivals, dropped, duplicated };
}

/**
 * The stream (G.711, a tone) through media's own jitter buffer, timeline and recorder, at the times of its packets instead
 * of the clock's: what became of it.
 */
export async function playImpaired(
  bench: MediaBench,
  callId: string,
  { arrivals }: ImpairedStream,
): Promise<{ readonly report: StreamReport; readonly samples: number }> {
  const { media } = bench;
  const fork = await media.openFork({ callId, record: 'redacted-only', fileEpochMs: Date.UTC(2026, 0, 2) });
  const stream = await fork.addPackets('caller', [{ payloadType: 0, carries: 'pcmu', clockRateHz: 8000 }]);
  const payload = pcmuPayload(tone(400, packetSamples));
  for (const [index, { number, atMs }] of arrivals.entries()) {
    const packet = rtpPacket({ sequence: 65_000 + number, timestamp: number * packetSamples, payload });
    stream.packet(new Uint8Array(packet), atMs);
    if (index % 500 !== 0) continue;
    media.release(callId, number * packetSamples, [], []);
    await fork.room();
  }
  await fork.close();
  media.finish(callId);
  const { streams, endSample } = await bench.event(callId, 'media-ended');
  await bench.event(callId, 'recording-finished');
  if (streams.caller === undefined) throw new Error('no report of the stream');
  return { report: streams.caller, samples: endSample };
}
