import { sql, type Kysely, type Selectable } from 'kysely';
import type { EnrolledSpeaker, SpeakerStore } from '#analytics/types.ts';
import type { Clock } from '#lib/clock.ts';
import { SidetoneError } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import { markForCleaning } from '../calls/cleaning.ts';
import { markExportsGone } from '../exports.ts';
import type { Schema } from '../schema.ts';
import type { VoiceCipher } from './voice-cipher.ts';

export interface SpeakerStoreOptions {
  readonly db: Kysely<Schema>;
  readonly cipher: VoiceCipher;
  readonly clock: Clock;
  /** Waits until what has been written is stored. */
  readonly flush: () => Promise<void>;
  /** Rows were replaced or removed. */
  readonly clean: () => void;
  /** Exports were marked as gone. */
  readonly exportsGone: () => void;
}

export function createSpeakerStore(options: SpeakerStoreOptions): SpeakerStore {
  const { db, cipher, clock } = options;
  const now = (): string => new Date(clock.nowEpochMs()).toISOString();
  return {
    list: async () => {
      const rows = await db.selectFrom('speakers').select(listed).orderBy('name').orderBy('speaker_id').execute();
      return rows.map(toSpeaker);
    },
    add: async ({ name, consent, enrolledBy, voiceprint }) => {
      const speakerId = newId();
      const row = await db
        .insertInto('speakers')
        .values({
          speaker_id: speakerId,
          name,
          consent_given_by: consent.givenBy,
          consent_given_at: consent.givenAt,
          consent_how: consent.how,
          consent_reference: consent.reference,
          enrolled_by: enrolledBy,
          enrolled_at: now(),
          last_used_at: null,
          model_id: voiceprint.modelId,
          speech_s: voiceprint.speechS,
          voiceprint: cipher.seal(speakerId, voiceprint.vector),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning(listed)
        .executeTakeFirst();
      if (row === undefined) throw new SidetoneError('conflict', `there is a speaker ${name} already`);
      return toSpeaker(row);
    },
    voiceprints: async () => {
      const rows = await db
        .selectFrom('speakers')
        .select(['speaker_id', 'name', 'model_id', 'speech_s', 'voiceprint'])
        .orderBy('speaker_id')
        .execute();
      return rows.flatMap((row) => {
        const vector = cipher.open(row.speaker_id, row.voiceprint);
        if (vector === undefined) return [];
        const voiceprint = { vector, modelId: row.model_id, speechS: row.speech_s };
        return [{ speakerId: row.speaker_id, name: row.name, voiceprint }];
      });
    },
    used: async (speakerIds) => {
      if (speakerIds.length === 0) return;
      await db
        .updateTable('speakers')
        .set({ last_used_at: now() })
        .where('speaker_id', 'in', [...speakerIds])
        .execute();
    },
    remove: async (speakerId) => {
      // A name may still be on its way from the journal.
      await options.flush();
      const removed = await db.transaction().execute((trx) => removeSpeaker(trx, speakerId));
      if (removed === undefined) return undefined;
      options.clean();
      if (removed.exportsAreGone) options.exportsGone();
      return { calls: removed.calls };
    },
  };
}

/** The voice goes, and every name in a transcript that rests on it; where that stands in an export, the export too. */
async function removeSpeaker(
  trx: Kysely<Schema>,
  speakerId: string,
): Promise<{ readonly calls: number; readonly exportsAreGone: boolean } | undefined> {
  const gone = await trx
    .deleteFrom('speakers')
    .where('speaker_id', '=', speakerId)
    .returning('speaker_id')
    .executeTakeFirst();
  if (gone === undefined) return undefined;
  await markForCleaning(trx, 'speakers');
  const unnamed = await trx
    .updateTable('utterances')
    .set({
      speaker: sql<string>`voice->>'unnamed'`,
      voice: sql`jsonb_set(voice, '{match}', 'null')`,
      revision: sql<number>`revision + 1`,
    })
    .where(sql`voice->'match'->>'speakerId'`, '=', speakerId)
    .returning('call_id')
    .execute();
  const callIds = [...new Set(unnamed.map((row) => row.call_id))];
  if (callIds.length > 0) await markForCleaning(trx, 'utterances');
  return { calls: callIds.length, exportsAreGone: await markExportsGone(trx, callIds, 'consent-withdrawn') };
}

const listed = [
  'speaker_id',
  'name',
  'consent_given_by',
  'consent_given_at',
  'consent_how',
  'consent_reference',
  'enrolled_by',
  'enrolled_at',
  'last_used_at',
  'model_id',
  'speech_s',
] as const;

function toSpeaker(row: Omit<Selectable<Schema['speakers']>, 'voiceprint'>): EnrolledSpeaker {
  return {
    speakerId: row.speaker_id,
    name: row.name,
    consent: {
      givenBy: row.consent_given_by,
      givenAt: row.consent_given_at.toISOString(),
      how: row.consent_how,
      reference: row.consent_reference,
    },
    enrolledBy: row.enrolled_by,
    enrolledAt: row.enrolled_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    modelId: row.model_id,
    speechS: row.speech_s,
  };
}
