import type { Insertable, Selectable } from 'kysely';
import type { EarlierText } from '#analytics/types.ts';
import type { Schema } from '../../schema.ts';
import { authorOf } from './utterance.ts';

export function revisionRow(earlier: EarlierText): Insertable<Schema['utterance_revisions']> {
  return {
    utterance_id: earlier.utteranceId,
    revision: earlier.revision,
    call_id: earlier.callId,
    text: earlier.text,
    words: JSON.stringify(earlier.words),
    confidence: earlier.confidence,
    language: earlier.language,
    text_by: earlier.textBy ?? 'recogniser',
    replaced_at: earlier.replacedAt,
  };
}

export function toEarlierText(row: Selectable<Schema['utterance_revisions']>): EarlierText {
  return {
    utteranceId: row.utterance_id,
    callId: row.call_id,
    text: row.text,
    words: row.words,
    confidence: row.confidence,
    language: row.language,
    revision: row.revision,
    ...authorOf(row.text_by),
    replacedAt: row.replaced_at.toISOString(),
  };
}
