import { z } from 'zod';

/**
 * The published shapes of Amazon Connect Contact Lens ("example output files for a call") and of Amazon Transcribe Call
 * Analytics ("post-call analytics output"), as far as Sidetone fills them. Left out because nothing here measures them:
 * loudness, issues, outcomes, action items, summaries.
 */

const offsets = { BeginOffsetMillis: z.int(), EndOffsetMillis: z.int() };
const roles = z.enum(['AGENT', 'CUSTOMER']);
const sentiment = z.enum(['POSITIVE', 'NEUTRAL', 'NEGATIVE']);
/**
 * Of each participant who has such a figure, as SPEAKER_1 ... of those who share a stream; Transcribe, which goes by role,
 * has the first two alone.
 */
const byParticipant = <Value extends z.ZodType>(value: Value) =>
  z
    .object({
      AGENT: value.optional(),
      CUSTOMER: value.optional(),
      OTHER: value.optional(),
      MIXED: value.optional(),
    })
    .catchall(value);

const conversationCharacteristics = z
  .strictObject({
    TotalConversationDurationMillis: z.int(),
    Sentiment: z.strictObject({
      OverallSentiment: byParticipant(z.number()),
      SentimentByPeriod: z.strictObject({
        QUARTER: byParticipant(z.array(z.strictObject({ ...offsets, Score: z.number() })).length(4)),
      }),
    }),
    Interruptions: z.strictObject({
      TotalCount: z.int(),
      TotalTimeMillis: z.int(),
      InterruptionsByInterrupter: byParticipant(z.array(z.strictObject({ ...offsets, DurationMillis: z.int() }))),
    }),
    NonTalkTime: z.strictObject({
      TotalTimeMillis: z.int(),
      Instances: z.array(z.strictObject({ ...offsets, DurationMillis: z.int() })),
    }),
    TalkSpeed: z.strictObject({
      DetailsByParticipant: byParticipant(z.strictObject({ AverageWordsPerMinute: z.int() })),
    }),
    TalkTime: z.strictObject({
      TotalTimeMillis: z.int(),
      DetailsByParticipant: byParticipant(z.strictObject({ TotalTimeMillis: z.int() })),
    }),
  })
  .meta({ id: 'AmazonConversationCharacteristics' });
export type ConversationCharacteristics = z.input<typeof conversationCharacteristics>;

const categories = z
  .strictObject({
    MatchedCategories: z.array(z.string()),
    MatchedDetails: z.record(z.string(), z.strictObject({ PointsOfInterest: z.array(z.strictObject(offsets)) })),
  })
  .meta({ id: 'AmazonCategories', description: 'By id of rule' });
export type Categories = z.input<typeof categories>;

const turn = { ...offsets, Id: z.string(), Content: z.string(), Sentiment: sentiment };

export const contactLens = z
  .strictObject({
    Version: z.literal('1.1.0'),
    AccountId: z.string(),
    Channel: z.literal('VOICE'),
    ContentMetadata: z.strictObject({
      Output: z.literal('Redacted'),
      RedactionTypes: z.tuple([z.literal('PII')]),
      RedactionTypesMetadata: z.strictObject({
        PII: z.strictObject({
          RedactionEntitiesRequested: z.array(z.string()),
          RedactionMaskMode: z.literal('ENTITY_TYPE'),
        }),
      }),
    }),
    JobStatus: z.literal('COMPLETED'),
    LanguageCode: z.string(),
    CustomerMetadata: z.strictObject({ ContactId: z.string() }),
    Participants: z.array(z.strictObject({ ParticipantId: z.string(), ParticipantRole: roles })),
    Categories: categories,
    ConversationCharacteristics: conversationCharacteristics,
    CustomModels: z.tuple([]),
    Transcript: z.array(
      z.strictObject({
        ...turn,
        ParticipantId: z.string(),
        Redaction: z.strictObject({ RedactedTimestamps: z.array(z.strictObject(offsets)).min(1) }).optional(),
      }),
    ),
  })
  .meta({ id: 'ContactLens', description: 'As Amazon Connect Contact Lens writes a redacted call' });

export const transcribe = z
  .strictObject({
    JobName: z.string(),
    JobStatus: z.literal('COMPLETED'),
    AccountId: z.string(),
    Channel: z.literal('VOICE'),
    LanguageCode: z.string(),
    ContentMetadata: z.strictObject({ Output: z.literal('Redacted'), RedactionTypes: z.tuple([z.literal('PII')]) }),
    Participants: z.array(z.strictObject({ ParticipantRole: roles })),
    Categories: categories,
    ConversationCharacteristics: conversationCharacteristics,
    Transcript: z.array(
      z.strictObject({
        ...turn,
        ParticipantRole: roles,
        Items: z.array(
          z.strictObject({
            ...offsets,
            Type: z.literal('pronunciation'),
            Content: z.string(),
            Confidence: z.number(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'TranscribeCallAnalytics', description: 'As Amazon Transcribe Call Analytics writes a redacted call' });
