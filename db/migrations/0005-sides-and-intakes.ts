import { sql, type Kysely } from 'kysely';

/**
 * Calls of any number of sides, from every kind of sender: what was expected of a call and what came, pauses, whose call
 * it is; figures by side in rows of their own; and what became of files that were handed in.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table calls
    add column assurance jsonb,
    add column pauses jsonb not null default '[]',
    add column source_name text not null default '',
    add column sides_swapped boolean not null default false`,
  // Nothing tells any more whose calls the earlier ones were: they stand together under their kind.
  `update calls set source_name = source`,
  // What streams of earlier calls had not been asked yet.
  `update calls set streams = (
      select jsonb_object_agg(side, '{"firstSample": null, "endSample": null, "quietSamples": 0, "gaps": 0, "mos": null}' || report)
      from jsonb_each(streams) as each (side, report))
    where jsonb_typeof(streams) = 'object' and streams <> '{}'`,
  // From now on the column itself says it, of calls that lost rows too.
  `update calls set completeness = 'partial' where lost_ops > 0 and completeness <> 'excluded'`,
  `create index calls_source on calls (source, source_name, started_at)`,

  `create table call_side_metrics (
    call_id text not null references call_metrics on delete cascade,
    side text not null,
    talk_ms integer not null,
    talk_speed_wpm double precision,
    interruptions integer not null,
    sentiment_quarters_mean double precision,
    sentiment_utterances_mean double precision,
    sentiment_quarters jsonb not null,
    primary key (call_id, side)
  )`,
  ...['caller', 'callee'].map(
    (side) => `insert into call_side_metrics
      select call_id, '${side}', talk_ms_${side}, talk_speed_wpm_${side}, interruptions_${side},
        sentiment_quarters_mean_${side}, sentiment_utterances_mean_${side}, sentiment_quarters_${side}
      from call_metrics`,
  ),
  `alter table call_metrics ${['caller', 'callee']
    .flatMap((side) =>
      [
        'talk_ms',
        'talk_speed_wpm',
        'interruptions',
        'sentiment_quarters_mean',
        'sentiment_utterances_mean',
        'sentiment_quarters',
      ].map((figure) => `drop column ${figure}_${side}`),
    )
    .join(', ')}`,

  // Without foreign keys: an entry is there before its calls are, and knows which of them were removed.
  `create table ingest_ledger (
    sha256 text primary key,
    names jsonb not null,
    bytes bigint not null,
    spooled jsonb not null,
    swap boolean not null,
    started_at timestamptz not null,
    source_name text not null,
    call_ids text[] not null,
    removed_call_ids text[] not null default '{}',
    taken_at timestamptz not null,
    state text not null,
    duration_ms bigint not null,
    done_ms bigint not null,
    hours_per_hour double precision,
    fault text,
    owner text not null
  )`,
  `create index ingest_ledger_calls on ingest_ledger using gin (call_ids)`,
  `create index ingest_ledger_unfinished on ingest_ledger (owner, taken_at) where state in ('waiting', 'running')`,
];
