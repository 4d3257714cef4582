import { z } from 'zod';
import type { EnrolledSpeaker, VoiceAnswer } from '#analytics/types.ts';
import { partySide } from './call.ts';
import { isoTime } from './common.ts';

const consent = z
  .object({
    givenBy: z.string().meta({ description: 'Who consents: the person, by name' }),
    givenAt: isoTime,
    how: z.string().meta({ description: '`signed form`, `said in the call of 2026-11-03` ...' }),
    reference: z.string().nullable().meta({ description: "Where the proof lies: a document's number, a link" }),
  })
  .meta({ id: 'Consent', description: 'On whose word a voice is kept' });

export const speaker = z
  .object({
    speakerId: z.string(),
    name: z.string(),
    consent,
    enrolledBy: z.string(),
    enrolledAt: isoTime,
    lastUsedAt: isoTime.nullable().meta({ description: 'When a voice in a call was last found to be theirs' }),
    modelId: z
      .string()
      .meta({ description: 'Of the speaker model: another one knows nobody who was enrolled with it' }),
    speechS: z.number().meta({ description: 'Of their speech, that went into it' }),
  })
  .meta({
    id: 'Speaker',
    description: 'Somebody whose voice is enrolled. The voiceprint itself is in no answer and no export',
  }) satisfies z.ZodType<EnrolledSpeaker>;

const line = z.string().trim().min(1).max(200);
const blankIsUnset = (value: unknown): unknown => (value === '' ? undefined : value);
const optional = <Schema extends z.ZodType>(schema: Schema) => z.preprocess(blankIsUnset, schema.optional());

/** Where the voice is, beside a file of it. */
const source = {
  callId: optional(z.string().max(100)).meta({ description: 'Instead of a file: a call that has ended' }),
  side: optional(partySide).meta({ description: 'Of that call' }),
  voice: optional(line).meta({ description: 'On that side, where speakers are told apart: `voice.label`, as `1`' }),
};

export const enrolFields = z.strictObject({
  name: line.max(100),
  consentGivenBy: line,
  consentGivenAt: isoTime,
  consentHow: line,
  consentReference: optional(z.string().trim().max(400)),
  ...source,
});
export const verifyFields = z.strictObject(source);

const file = z.string().optional().meta({
  format: 'binary',
  description: 'A sound file in which that person alone speaks: six seconds and more of speech to enrol, 1.5 to verify',
});
/** As OpenAPI tells of the forms. */
export const enrolForm = z.object({ file, ...enrolFields.shape }).meta({ id: 'Enrolment' });
export const verifyForm = z.object({ file, ...verifyFields.shape }).meta({ id: 'VoiceToVerify' });

export const voiceAnswer = z
  .object({
    score: z.number().meta({ description: 'Cosine between voiceprint and voice' }),
    probability: z.number().meta({ description: 'That it is the same speaker, where as many are as are not' }),
    decision: z.enum(['same', 'other', 'unsure']),
    speechS: z.number(),
  })
  .meta({ id: 'VoiceAnswer' }) satisfies z.ZodType<VoiceAnswer>;
