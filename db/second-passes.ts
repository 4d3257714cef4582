import { sql, type Kysely } from 'kysely';
import type { SecondPassStore } from '#analytics/types.ts';
import type { Schema } from './schema.ts';

/** A call that ended longer ago and was never looked at is left as it is: it may be from before there was a second pass. */
const lookBack = sql`interval '24 hours'`;

/**
 * The queue is the calls themselves: ended, ours, with sound and words, and no word yet of a second pass. So nothing is
 * lost with the process, and nothing grows that is not there anyway.
 * @param owner id of the data directory where the recordings lie
 */
export function createSecondPassStore(db: Kysely<Schema>, owner: string): SecondPassStore {
  const open = (at: string) =>
    db
      .selectFrom('calls')
      .leftJoin('second_passes', 'second_passes.call_id', 'calls.call_id')
      .where('calls.owner', '=', owner)
      .where('calls.state', '=', 'ended')
      .where((eb) =>
        eb.or([
          eb('second_passes.state', '=', 'waiting'),
          eb.and([
            eb('second_passes.state', 'is', null),
            eb('calls.ended_at', '>', sql<Date>`${at}::timestamptz - ${lookBack}`),
          ]),
        ]),
      )
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('recordings')
            .whereRef('recordings.call_id', '=', 'calls.call_id')
            .where('path', 'is not', null)
            .select('recordings.call_id'),
        ),
      )
      .where((eb) =>
        eb.exists(
          eb.selectFrom('utterances').whereRef('utterances.call_id', '=', 'calls.call_id').select('utterance_id'),
        ),
      );
  return {
    next: async (at, except = []) => {
      const row = await open(at)
        .where(sql<boolean>`calls.call_id <> all(${[...except]}::text[])`)
        .where((eb) => eb.or([eb('next_at', 'is', null), eb('next_at', '<=', sql<Date>`${at}::timestamptz`)]))
        .select(['calls.call_id as call_id', 'attempts'])
        .orderBy('ended_at')
        .orderBy('calls.call_id')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : { callId: row.call_id, attempts: row.attempts ?? 0 };
    },
    waiting: async (at) => {
      const { count } = await open(at)
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    settle: async (callId, outcome) => {
      const { attempts, nextAt, fault } = { attempts: 0, nextAt: new Date(0).toISOString(), fault: null, ...outcome };
      await sql`
        insert into second_passes (call_id, state, attempts, next_at, fault)
        select call_id, ${outcome.state}, ${attempts}::integer, ${nextAt}::timestamptz, ${fault}::text
        from calls where call_id = ${callId}
        on conflict (call_id) do update set state = excluded.state, attempts = excluded.attempts,
          next_at = excluded.next_at, fault = excluded.fault`.execute(db);
    },
  };
}
