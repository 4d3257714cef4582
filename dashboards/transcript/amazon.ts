import type { Finding, Utterance } from '#analytics/types.ts';
import type { CallDetail } from '#db/types.ts';
import type { z } from 'zod';
import type { Categories, contactLens, transcribe } from '../api/schemas/amazon.ts';
import { characteristics } from './amazon-characteristics.ts';
import { participantOf, participantsOf, type Participant, type ParticipantId } from './amazon-participants.ts';

/** A stored call with its transcript. */
export interface WholeCall extends Omit<CallDetail, 'recording'> {
  readonly utterances: readonly Utterance[];
}

/** What Sidetone masks, by Amazon's names for it. */
const entityOf: Readonly<Record<string, string>> = {
  CARD: 'CREDIT_DEBIT_NUMBER',
  CVV: 'CREDIT_DEBIT_CVV',
  EXPIRY: 'CREDIT_DEBIT_EXPIRY',
  PIN: 'PIN',
  DIGITS: 'PII',
};
const mask = /\[(CARD|CVV|EXPIRY|PIN|DIGITS)\]/g;
/** Where Amazon has the number of an account. */
const accountId = 'sidetone';

export function toContactLens(call: WholeCall): z.input<typeof contactLens> {
  const participants = participantsOf(call);
  return {
    Version: '1.1.0',
    AccountId: accountId,
    Channel: 'VOICE',
    ContentMetadata: {
      Output: 'Redacted',
      RedactionTypes: ['PII'],
      RedactionTypesMetadata: {
        PII: {
          RedactionEntitiesRequested: Object.values(entityOf).filter((entity) => entity !== 'PII'),
          RedactionMaskMode: 'ENTITY_TYPE',
        },
      },
    },
    JobStatus: 'COMPLETED',
    LanguageCode: languageOf(call.utterances),
    CustomerMetadata: { ContactId: call.call.callId },
    Participants: participants.map(({ id, role }) => ({ ParticipantId: id, ParticipantRole: role })),
    Categories: categoriesOf(call.findings),
    ConversationCharacteristics: characteristics(
      call,
      participants.map((each) => ({ ...each, key: each.id })),
      'meanOfQuarters',
    ),
    CustomModels: [],
    Transcript: call.utterances.map((utterance) => {
      const redacted = redactedIn(call, utterance);
      return {
        ...turnOf(utterance),
        Content: utterance.text.replaceAll(mask, (_all, kind: string) => `[${entityOf[kind] ?? 'PII'}]`),
        ParticipantId: participantOf(utterance, participants)?.id ?? 'OTHER',
        ...(redacted.length === 0 ? {} : { Redaction: { RedactedTimestamps: redacted } }),
      };
    }),
  };
}

export function toTranscribe(call: WholeCall): z.input<typeof transcribe> {
  const participants = participantsOf(call);
  const masked = (text: string): string => text.replaceAll(mask, '[PII]');
  return {
    JobName: call.call.callId,
    JobStatus: 'COMPLETED',
    AccountId: accountId,
    Channel: 'VOICE',
    LanguageCode: languageOf(call.utterances),
    ContentMetadata: { Output: 'Redacted', RedactionTypes: ['PII'] },
    Participants: participants.map(({ role }) => ({ ParticipantRole: role })),
    Categories: categoriesOf(call.findings),
    ConversationCharacteristics: characteristics(call, roleKeys(participants), 'meanOfUtterances'),
    Transcript: call.utterances.map((utterance) => ({
      ...turnOf(utterance),
      Content: masked(utterance.text),
      ParticipantRole: participantOf(utterance, participants)?.role ?? 'CUSTOMER',
      Items: utterance.words.map((word) => ({
        ...offsetsOf(word),
        Type: 'pronunciation',
        Content: masked(word.text),
        Confidence: word.confidence,
      })),
    })),
  };
}

/** Its figures are by role, the first participant's of each: a third party's are in the totals alone. */
function roleKeys(participants: readonly Participant[]): readonly (Participant & { readonly key: ParticipantId })[] {
  const first = new Map(participants.toReversed().map((each) => [each.role, each]));
  return participants.filter((each) => first.get(each.role) === each).map((each) => ({ ...each, key: each.role }));
}

function turnOf(utterance: Utterance) {
  const { sentiment } = utterance;
  return {
    ...offsetsOf(utterance),
    Id: utterance.utteranceId,
    // Of five, as the bands of the call list.
    Sentiment: sentiment >= 0.5 ? 'POSITIVE' : sentiment <= -0.5 ? 'NEGATIVE' : 'NEUTRAL',
  } as const;
}

function offsetsOf({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }) {
  return { BeginOffsetMillis: Math.round(startMs), EndOffsetMillis: Math.round(endMs) };
}

/** What was taken out of an utterance, in order: the first is the first mask's. */
function redactedIn({ redactions }: WholeCall, { side, startMs, endMs }: Utterance) {
  return redactions
    .filter((redaction) => redaction.side === side && redaction.startMs < endMs && redaction.endMs > startMs)
    .toSorted((a, b) => a.startMs - b.startMs)
    .map(offsetsOf);
}

/** Rules are categories; what Sidetone itself raised is none. */
function categoriesOf(findings: readonly Finding[]): Categories {
  const byRule = new Map<string, ReturnType<typeof offsetsOf>[]>();
  for (const finding of findings) {
    if (finding.kind === 'system') continue;
    byRule.set(finding.ruleId, [...(byRule.get(finding.ruleId) ?? []), offsetsOf(finding)]);
  }
  return {
    MatchedCategories: [...byRule.keys()],
    MatchedDetails: Object.fromEntries([...byRule].map(([id, points]) => [id, { PointsOfInterest: points }])),
  };
}

function languageOf(utterances: readonly Utterance[]): string {
  const language = utterances[0]?.language ?? 'en';
  return language === 'en' ? 'en-US' : language;
}
