import { sql, type Kysely } from 'kysely';

/** Who says an utterance on a stream that several share, figures by speaker, and enrolled voices. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table utterances add column voice jsonb`,
  // What is to lose its name when somebody takes their consent back.
  `create index utterances_matched on utterances ((voice->'match'->>'speakerId'))
    where voice->'match'->>'speakerId' is not null`,
  `alter table call_metrics add column speakers jsonb`,
  `create table speakers (
    speaker_id text primary key,
    name text not null,
    consent_given_by text not null,
    consent_given_at timestamptz not null,
    consent_how text not null,
    consent_reference text,
    enrolled_by text not null,
    enrolled_at timestamptz not null,
    last_used_at timestamptz,
    model_id text not null,
    speech_s double precision not null,
    voiceprint bytea not null
  )`,
  `create unique index speakers_name on speakers (lower(name))`,
  // As for utterances: the planner's samples would keep what is taken away.
  ...['name', 'consent_given_by', 'consent_how', 'consent_reference', 'voiceprint'].map(
    (column) => `alter table speakers alter column ${column} set statistics 0`,
  ),
  `alter index speakers_name alter column 1 set statistics 0`,
];
