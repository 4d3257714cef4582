import type { Channel } from '../jitter/channel.ts';
import type { Leg } from '../rtp/leg.ts';
import type { StreamReport } from '../types.ts';

/** What a leg's stream came to. Without a channel (a call not to be kept) nothing was filled or dropped. */
export function streamReport(leg: Leg, channel: Channel | undefined): StreamReport {
  const { stats, farEnd } = leg;
  return Object.freeze({
    packets: stats.packets,
    lostPackets: stats.lostPackets,
    duplicatePackets: stats.duplicatePackets,
    latePackets: stats.latePackets,
    malformedPackets: stats.malformedPackets,
    strangerPackets: stats.strangerPackets,
    filledSamples: channel?.filledSamples ?? 0,
    droppedSamples: channel?.droppedSamples ?? 0,
    jitterMeanMs: stats.jitterMeanMs,
    jitterMaxMs: stats.jitterMaxMs,
    farLossFraction: farEnd.lossFraction,
    roundTripMs: farEnd.roundTripMs,
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
  jitterMeanMs: 0,
  jitterMaxMs: 0,
  farLossFraction: null,
  roundTripMs: null,
});
