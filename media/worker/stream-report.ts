import type { Channel } from '../jitter/channel.ts';
import type { AudioCodec } from '#sip/types.ts';
import type { FarEndQuality } from '../quality/far-end.ts';
import { meanOpinionScore } from '../quality/mos.ts';
import type { StreamStats } from '../quality/stream-stats.ts';
import { samplesPerMs, type StreamReport } from '../types.ts';

/** What a stream counts as it comes; one without RTP has no packets and no far end. */
export interface StreamCounts {
  readonly stats: StreamStats;
  readonly farEnd: FarEndQuality;
  /** Of its latest sound; null: not by RTP, or none came. */
  readonly codec: AudioCodec | null;
}

/** What a stream came to. Without a channel (a call not to be kept) nothing was filled or dropped. */
export function streamReport(counts: StreamCounts, channel: Channel | undefined): StreamReport {
  const { stats, farEnd } = counts;
  return Object.freeze({
    packets: stats.packets,
    lostPackets: stats.lostPackets,
    duplicatePackets: stats.duplicatePackets,
    latePackets: stats.latePackets,
    malformedPackets: stats.malformedPackets,
    strangerPackets: stats.strangerPackets,
    filledSamples: channel?.filledSamples ?? 0,
    droppedSamples: channel?.droppedSamples ?? 0,
    firstSample: placeOf(channel?.presence.firstSample),
    endSample: placeOf(channel?.presence.endSample),
    quietSamples: channel?.presence.quietSamples ?? 0,
    gaps: channel?.presence.gaps ?? 0,
    jitterMeanMs: stats.jitterMeanMs,
    jitterMaxMs: stats.jitterMaxMs,
    farLossFraction: farEnd.lossFraction,
    roundTripMs: farEnd.roundTripMs,
    mos: mosOf(counts, channel),
  });
}

/** For a call whose worker died with its counts. */
export const lostStreamReport: StreamReport = Object.freeze({
  packets: 0,
  lostPackets: 0,
  duplicatePackets: 0,
  latePackets: 0,
  malformedPackets: 0,
  strangerPackets: 0,
  filledSamples: 0,
  droppedSamples: 0,
  firstSample: null,
  endSample: null,
  quietSamples: 0,
  gaps: 0,
  jitterMeanMs: 0,
  jitterMaxMs: 0,
  farLossFraction: null,
  roundTripMs: null,
  mos: null,
});

/** Of what was heard here: the delay is our jitter buffer's and half of the way there and back. To two places. */
function mosOf({ codec, stats, farEnd }: StreamCounts, channel: Channel | undefined): number | null {
  if (codec === null || stats.packets === 0) return null;
  const { lossShare, burstRatio } = stats.losses;
  const delayMs = (channel?.clock.meanDelay ?? 0) / samplesPerMs + (farEnd.roundTripMs ?? 0) / 2;
  return Math.round(100 * meanOpinionScore({ codec, lossShare, burstRatio, delayMs })) / 100;
}

function placeOf(sample: number | undefined): number | null {
  return sample === undefined || sample < 0 ? null : sample;
}
