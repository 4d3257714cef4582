import type { MediaCounters } from './messages.ts';

export function zeroCounters(): MediaCounters {
  return {
    packets: 0,
    relayed: 0,
    malformed: 0,
    strangers: 0,
    duplicates: 0,
    late: 0,
    rtcp: 0,
    filledSamples: 0,
    droppedSamples: 0,
    audioDroppedSamples: 0,
    bindFailures: 0,
    portsExhausted: 0,
    recordingFailures: 0,
    feedsLost: 0,
    callsFailed: 0,
    calls: 0,
    portsLent: 0,
    memorySamples: 0,
  };
}
