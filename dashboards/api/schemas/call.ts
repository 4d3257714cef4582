import { z } from 'zod';
import { assuranceReasons, assuranceVerdicts, redactionKinds, severities } from '#analytics/types.ts';
import type {
  Assurance,
  Call,
  CallMetrics,
  CallPause,
  Finding,
  Redaction,
  SideSound,
  StreamAssurance,
  Utterance,
  Voice,
} from '#analytics/types.ts';
import { partySides, recordPolicies, terminationReasons } from '#sip/types.ts';
import type { RecordingAnswer } from '../answers.ts';
import { callId, isoTime, ms } from './common.ts';

export const partySide = z.enum(partySides).meta({
  id: 'Side',
  description: '`other`: a third participant; `mixed`: one stream that carries all',
});
/** Of each side that there is. */
export const bySide = <Value extends z.ZodType>(value: Value) => {
  const some = value.exactOptional();
  return z.object({ caller: some, callee: some, other: some, mixed: some });
};
export const partyRole = z.enum(['agent', 'customer', 'unknown']).meta({ id: 'PartyRole' });
export const callSource = z
  .enum(['b2bua', 'siprec', 'rtpengine', 'audiosocket', 'websocket', 'ingest'])
  .meta({ id: 'CallSource' });
export const completeness = z.enum([...assuranceVerdicts, 'pending']).meta({
  id: 'Completeness',
  description: '`missing`: sound was to be kept and none is there; `excluded`: by choice, or there was nothing to keep',
});

const party = z
  .object({
    partyId: z.string(),
    side: partySide,
    uri: z.string().nullable(),
    displayName: z.string().nullable(),
    role: partyRole,
    joinedMs: ms,
    leftMs: ms.nullable(),
  })
  .meta({ id: 'Party' });

const streamReport = z
  .object({
    packets: z.number(),
    lostPackets: z.number(),
    duplicatePackets: z.number(),
    latePackets: z.number(),
    malformedPackets: z.number(),
    strangerPackets: z.number(),
    filledSamples: z.number(),
    droppedSamples: z.number(),
    firstSample: z.number().nullable().meta({ description: 'Where its sound begins on the timeline' }),
    endSample: z.number().nullable(),
    quietSamples: z.number().meta({ description: 'Of what came: -50 dBFS or less' }),
    gaps: z.number().meta({ description: 'Holes of 200 ms and more' }),
    jitterMeanMs: z.number(),
    jitterMaxMs: z.number(),
    farLossFraction: z.number().nullable(),
    roundTripMs: z.number().nullable(),
    mos: z.number().nullable().meta({ description: 'Listening quality, 1 to 4.5 (ITU-T G.107); null without RTP' }),
  })
  .meta({ id: 'StreamReport', description: 'One direction of sound; samples at 8 kHz' });

export const verdict = z.enum(assuranceVerdicts);
export const assuranceReason = z.enum(assuranceReasons).meta({ id: 'AssuranceReason' });
const streamAssurance = z
  .object({
    side: partySide,
    expectedMs: z.number().meta({ description: 'Of sound, as signalling led to expect; without pauses and holds' }),
    heardMs: z.number(),
    silentMs: z.number().meta({ description: 'Of `heardMs`: -50 dBFS or less' }),
    verdict,
    reason: assuranceReason,
  })
  .meta({ id: 'StreamAssurance' }) satisfies z.ZodType<StreamAssurance>;
const assurance = z.object({ verdict, reason: assuranceReason, streams: z.array(streamAssurance) }).meta({
  id: 'Assurance',
  description: 'What was expected of the sound of a call and what came, and so whether it is all there',
}) satisfies z.ZodType<Assurance>;

const pause = z
  .object({ fromMs: ms, toMs: ms.nullable(), by: z.string() })
  .meta({ id: 'Pause', description: 'Nothing was to be heard; `toMs` null: still so' }) satisfies z.ZodType<CallPause>;

export const call = z
  .object({
    callId,
    state: z.enum(['ringing', 'active', 'ended']),
    startedAt: isoTime,
    mediaStartedAt: isoTime.nullable(),
    answeredAt: isoTime.nullable(),
    endedAt: isoTime.nullable(),
    durationMs: z.number().nullable().meta({ description: 'From answer to end' }),
    answeredMs: ms.nullable(),
    source: callSource,
    sourceName: z.string().meta({ description: 'The trunk, recorder client, sender or uploader; else its address' }),
    sipCallIds: z.array(z.string()),
    parties: z.array(party),
    headers: z.record(z.string(), z.string()),
    record: z.enum(recordPolicies),
    completeness,
    assurance: assurance.nullable().meta({ description: 'Null until the call is over' }),
    pauses: z.array(pause),
    sidesSwapped: z.boolean().meta({
      description: 'Caller and callee were put right afterwards: parties, rows and figures say it right',
    }),
    notes: z.array(
      z.object({
        atMs: ms.nullable(),
        note: z.string(),
        detail: z.string(),
        untilMs: ms.exactOptional().meta({ description: 'Of sounds that were heard on the side that `detail` names' }),
      }),
    ),
    termination: z
      .object({
        result: z.enum(['completed', 'cancelled', 'rejected', 'failed']),
        reason: z.enum(terminationReasons),
        sipStatus: z.int().nullable(),
      })
      .nullable(),
    streams: bySide(streamReport).nullable(),
  })
  .meta({ id: 'Call' }) satisfies z.ZodType<Call>;

export const word = z
  .object({
    text: z.string(),
    spoken: z.string().exactOptional().describe('as said, of what people write otherwise: `four thirty` of `4:30`'),
    startMs: ms,
    endMs: ms,
    confidence: z.number(),
  })
  .meta({ id: 'Word' });

const voice = z
  .object({
    label: z
      .string()
      .nullable()
      .meta({ description: 'Of its side: `1`, `2` ... in the order in which they first spoke' }),
    overlaps: z.boolean().meta({ description: 'Somebody else of the same stream speaks at the same time' }),
    unnamed: z
      .string()
      .meta({ description: 'What `speaker` says where neither a voiceprint nor a person says otherwise' }),
    match: z
      .object({ speakerId: z.string(), probability: z.number() })
      .nullable()
      .meta({ description: 'The enrolled voice that it is' }),
  })
  .meta({
    id: 'Voice',
    description: 'What the sound tells of who speaks: on a stream that several share, or by a voiceprint',
  }) satisfies z.ZodType<Voice>;

export const utterance = z
  .object({
    utteranceId: z.string(),
    callId,
    side: partySide,
    partyId: z.string().nullable(),
    speaker: z.string(),
    startMs: ms,
    endMs: ms,
    text: z.string().meta({ description: 'Redacted: masked stretches read [CARD], [CVV], [PIN], [EXPIRY], [DIGITS]' }),
    words: z.array(word),
    confidence: z.number(),
    language: z.string(),
    sentiment: z.number().meta({ description: '-5 to +5' }),
    revision: z
      .int()
      .meta({ description: 'Grows as its text is replaced: GET .../revisions has what stood there before' }),
    voice: voice.exactOptional(),
    textBy: z
      .enum(['second-pass', 'person'])
      .exactOptional()
      .meta({ description: 'Whose words these are; absent: those of the recogniser while the call ran' }),
  })
  .meta({ id: 'Utterance' }) satisfies z.ZodType<Utterance>;

export const redaction = z
  .object({
    redactionId: z.string(),
    callId,
    kind: z.enum(redactionKinds),
    side: partySide,
    startMs: ms,
    endMs: ms,
    reason: z.string(),
  })
  .meta({
    id: 'Redaction',
    description: 'What was taken out, and where; never digits nor how many',
  }) satisfies z.ZodType<Redaction>;

export const severity = z.enum(severities).meta({ id: 'Severity' });

export const finding = z
  .object({
    findingId: z.string(),
    callId,
    ruleId: z.string(),
    title: z.string(),
    severity,
    kind: z.enum(['said', 'missing', 'system']),
    side: partySide.nullable(),
    startMs: ms,
    endMs: ms,
    evidence: z.string(),
    utteranceIds: z.array(z.string()),
  })
  .meta({ id: 'Finding' }) satisfies z.ZodType<Finding>;

const sideSentiment = z.object({
  meanOfQuarters: z.number().nullable().meta({ description: 'As Contact Lens: mean of the four quarter scores' }),
  meanOfUtterances: z.number().nullable().meta({ description: 'As Amazon Transcribe: mean over utterances' }),
  quarters: z.array(z.number().nullable()),
});

const sideSound = z
  .object({
    loudness: z.array(z.number().nullable()).meta({
      description: '0 (-60 dBFS) to 100 (0 dBFS), of each second of the timeline; null where nothing is known',
    }),
    snrDb: z.number().nullable().meta({ description: 'Median over the seconds in which the side spoke' }),
    pitchHz: z.number().nullable().meta({ description: 'Median over the seconds in which the side spoke' }),
    musicMs: z.number(),
  })
  .meta({ id: 'SideSound' }) satisfies z.ZodType<SideSound>;

export const callMetrics = z
  .object({
    callId,
    durationMs: z.number(),
    talkMs: bySide(z.number()),
    talkSpeedWpm: bySide(z.number().nullable()),
    overtalkMs: z.number(),
    nonTalkMs: z.number(),
    holdMs: z.number(),
    interruptions: bySide(z.number()),
    interruptionThresholdMs: z.number(),
    sentiment: bySide(sideSentiment),
    speakers: z
      .array(
        z.object({
          side: partySide,
          label: z.string().meta({ description: 'As `voice.label` of its utterances' }),
          talkMs: z.number(),
          talkSpeedWpm: z.number().nullable(),
          interruptions: z.number(),
          sentiment: sideSentiment,
        }),
      )
      .exactOptional()
      .meta({ description: 'Of streams whose speakers are told apart' }),
    sound: bySide(sideSound).exactOptional().meta({ description: 'Absent: the sound was not measured' }),
  })
  .meta({ id: 'CallMetrics' }) satisfies z.ZodType<CallMetrics>;

const sampleRange = z.object({ startSample: z.int(), endSample: z.int() });

export const recording = z
  .object({
    samples: z.int(),
    bytes: z.int(),
    sha256: z.string().nullable(),
    silenced: z.array(sampleRange),
    unredacted: z.array(sampleRange),
    failure: z.string().nullable(),
    channels: z.object({ left: z.array(partySide), right: z.array(partySide) }).meta({
      description: 'Who is heard in which channel',
    }),
  })
  .meta({
    id: 'Recording',
    description: 'Samples at 8 kHz, two channels',
  }) satisfies z.ZodType<RecordingAnswer>;
