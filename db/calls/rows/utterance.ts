import type { Insertable, Selectable } from 'kysely';
import type { TextAuthor, Utterance } from '#analytics/types.ts';
import type { Schema } from '../../schema.ts';
import { spokenTextOf } from '../../search/spoken-text.ts';

export function utteranceRow(utterance: Utterance): Omit<Insertable<Schema['utterances']>, 'said_at'> {
  return {
    utterance_id: utterance.utteranceId,
    call_id: utterance.callId,
    side: utterance.side,
    party_id: utterance.partyId,
    speaker: utterance.speaker,
    start_ms: Math.round(utterance.startMs),
    end_ms: Math.round(utterance.endMs),
    text: utterance.text,
    spoken: spokenTextOf(utterance),
    words: JSON.stringify(utterance.words),
    confidence: utterance.confidence,
    language: utterance.language,
    sentiment: utterance.sentiment,
    revision: utterance.revision,
    text_by: utterance.textBy ?? 'recogniser',
    voice: utterance.voice === undefined ? null : JSON.stringify(utterance.voice),
  };
}

/** What `toUtterance` needs: all but what is searched alone. */
export const utteranceColumns = [
  'utterances.utterance_id',
  'utterances.call_id',
  'utterances.side',
  'utterances.party_id',
  'utterances.speaker',
  'utterances.start_ms',
  'utterances.end_ms',
  'utterances.said_at',
  'utterances.text',
  'utterances.words',
  'utterances.confidence',
  'utterances.language',
  'utterances.sentiment',
  'utterances.revision',
  'utterances.text_by',
  'utterances.voice',
] as const;

export function toUtterance(
  row: Omit<Selectable<Schema['utterances']>, 'search_english' | 'search_simple' | 'said_at' | 'spoken'>,
): Utterance {
  return {
    utteranceId: row.utterance_id,
    callId: row.call_id,
    side: row.side,
    partyId: row.party_id,
    speaker: row.speaker,
    startMs: row.start_ms,
    endMs: row.end_ms,
    text: row.text,
    words: row.words,
    confidence: row.confidence,
    language: row.language,
    sentiment: row.sentiment,
    revision: row.revision,
    ...authorOf(row.text_by),
    ...(row.voice === null ? {} : { voice: row.voice }),
  };
}

export function authorOf(author: TextAuthor): Pick<Utterance, 'textBy'> {
  return author === 'recogniser' ? {} : { textBy: author };
}
