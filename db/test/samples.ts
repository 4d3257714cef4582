import type { Call, CallMetrics, Finding, Redaction, SideSentiment, Utterance } from '#analytics/types.ts';
import type { IngestEntry, StreamReport } from '#media/types.ts';

/** Objects as analytics/ would hand them over, for tests of db/. */

export function sampleCall(callId: string, change: Partial<Call> = {}): Call {
  return {
    callId,
    state: 'active',
    startedAt: '2026-11-25T10:00:00.000Z',
    mediaStartedAt: '2026-11-25T10:00:05.000Z',
    answeredAt: '2026-11-25T10:00:05.000Z',
    endedAt: null,
    durationMs: null,
    answeredMs: 0,
    source: 'b2bua',
    sipCallIds: ['a@example.org', 'b@example.org'],
    parties: [
      {
        partyId: `${callId}-1`,
        side: 'caller',
        uri: 'sip:ann@example.org',
        displayName: 'Ann Example',
        role: 'customer',
        joinedMs: 0,
        leftMs: null,
      },
      {
        partyId: `${callId}-2`,
        side: 'callee',
        uri: 'sip:100%_desk@example.org',
        displayName: null,
        role: 'agent',
        joinedMs: 0,
        leftMs: null,
      },
    ],
    headers: { 'x-queue': 'sales' },
    record: 'redacted-only',
    completeness: 'pending',
    assurance: null,
    pauses: [],
    sourceName: 'trunk',
    sidesSwapped: false,
    notes: [{ atMs: 0, note: 'hold', detail: 'caller' }],
    termination: null,
    streams: null,
    ...change,
  };
}

export function endedCall(callId: string, change: Partial<Call> = {}): Call {
  return sampleCall(callId, {
    state: 'ended',
    endedAt: '2026-11-25T10:01:05.000Z',
    durationMs: 60_000,
    completeness: 'complete',
    termination: { result: 'completed', reason: 'caller-hung-up', sipStatus: null },
    ...change,
  });
}

let made = 0;
export function sampleUtterance(callId: string, text: string, change: Partial<Utterance> = {}): Utterance {
  made += 1;
  const startMs = change.startMs ?? made * 1000;
  return {
    utteranceId: `${callId}-u${made}`,
    callId,
    side: 'caller',
    partyId: `${callId}-1`,
    speaker: 'caller',
    startMs,
    endMs: startMs + 900,
    text,
    words: text.split(' ').map((word, index) => ({
      text: word,
      startMs: startMs + index * 10,
      endMs: startMs + index * 10 + 9,
      confidence: 0.5,
    })),
    confidence: 0.9,
    language: 'en',
    sentiment: 1.5,
    revision: 1,
    ...change,
  };
}

export function sampleFinding(callId: string, change: Partial<Finding> = {}): Finding {
  made += 1;
  return {
    findingId: `${callId}-f${made}`,
    callId,
    ruleId: 'refund',
    title: 'Refund asked for',
    severity: 'medium',
    kind: 'said',
    side: 'caller',
    startMs: 100,
    endMs: 200,
    evidence: 'a refund',
    utteranceIds: [`${callId}-u1`],
    ...change,
  };
}

export function sampleRedaction(callId: string, change: Partial<Redaction> = {}): Redaction {
  made += 1;
  return {
    redactionId: `${callId}-r${made}`,
    callId,
    kind: 'card',
    side: 'caller',
    startMs: 4000,
    endMs: 9000,
    reason: 'card-passage',
    ...change,
  };
}

export function sampleMetrics(callId: string, callerMean: number): CallMetrics {
  return {
    callId,
    durationMs: 60_000,
    talkMs: { caller: 20_000, callee: 25_000 },
    talkSpeedWpm: { caller: 150.5, callee: null },
    overtalkMs: 500,
    nonTalkMs: 4000,
    holdMs: 0,
    interruptions: { caller: 1, callee: 0 },
    interruptionThresholdMs: 500,
    sentiment: {
      caller: sampleSentiment(callerMean),
      callee: { meanOfQuarters: null, meanOfUtterances: null, quarters: [null, null, null, null] },
    },
    sound: { caller: { loudness: [0, 57, null], snrDb: 31, pitchHz: null, musicMs: 0 } },
  };
}

export function sampleSentiment(mean: number): SideSentiment {
  return { meanOfQuarters: mean, meanOfUtterances: mean, quarters: [mean, null, 0.5, -1] };
}

export const sampleReport: StreamReport = {
  packets: 3_000,
  lostPackets: 2,
  duplicatePackets: 0,
  latePackets: 1,
  malformedPackets: 0,
  strangerPackets: 0,
  filledSamples: 320,
  droppedSamples: 0,
  firstSample: 160,
  endSample: 480_000,
  quietSamples: 1_600,
  gaps: 1,
  jitterMeanMs: 1.5,
  jitterMaxMs: 12.25,
  farLossFraction: null,
  roundTripMs: 20,
  mos: 4.2,
};

export const sampleRecording = {
  path: 'recordings/c.wav',
  peaksPath: 'recordings/c.peaks',
  samples: 480_000,
  bytes: 1_920_044,
  sha256: 'ab'.repeat(32),
  silenced: [{ startSample: 32_000, endSample: 72_000 }],
  unredacted: [],
  failure: null,
} as const;

/** Of a capture with two calls, unless `change` says otherwise. */
export function sampleEntry(sha256: string, change: Partial<IngestEntry> = {}): IngestEntry {
  return {
    sha256,
    names: ['monday.wav', 'Übergabe "2".wav'],
    bytes: 5_000_000_000,
    spooled: ['spool-1'],
    swap: true,
    startedAtEpochMs: 1_764_000_000_123,
    sourceName: 'archive',
    callIds: [`${sha256}-1`, `${sha256}-2`],
    takenEpochMs: 1_764_000_001_000,
    state: 'waiting',
    durationMs: 3_600_000,
    doneMs: 0,
    hoursPerHour: null,
    fault: null,
    handedInBy: null,
    phrases: ['Okonkwo'],
    ...change,
  };
}
