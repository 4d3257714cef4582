import type { Kysely } from 'kysely';
import { forgetInLedger } from '../ingest-ledger.ts';
import type { Schema } from '../schema.ts';
import { markForCleaning } from './cleaning.ts';

/**
 * Every row of the call, by cascade. The audit log keeps its own.
 * @param isForGood the call is not coming back: what it was made of is forgotten too
 */
export function removeCall(db: Kysely<Schema>, callId: string, isForGood: boolean): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const gone = await trx.deleteFrom('calls').where('call_id', '=', callId).returning('call_id').executeTakeFirst();
    if (gone === undefined) return false;
    for (const table of ['utterances', 'findings', 'calls', 'parties', 'cdr_records'] as const)
      await markForCleaning(trx, table);
    if (isForGood) await forgetInLedger(trx, callId);
    return true;
  });
}
