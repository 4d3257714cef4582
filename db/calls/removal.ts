import type { Kysely } from 'kysely';
import { forgetInLedger } from '../ingest-ledger.ts';
import type { Schema } from '../schema.ts';
import { markForCleaning, type CleanedTable } from './cleaning.ts';

/**
 * Every row of the call, by cascade. The audit log keeps its own.
 * @param isForGood the call is not coming back: what it was made of is forgotten too
 */
export function removeCall(db: Kysely<Schema>, callId: string, isForGood: boolean): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const cdr = await trx
      .selectFrom('cdr_records')
      .select('record_id')
      .where('call_id', '=', callId)
      .executeTakeFirst();
    const gone = await trx.deleteFrom('calls').where('call_id', '=', callId).returning('call_id').executeTakeFirst();
    if (gone === undefined) return false;
    const dirty: CleanedTable[] = [
      'utterances',
      'utterance_revisions',
      'word_corrections',
      'findings',
      'calls',
      'parties',
    ];
    if (cdr !== undefined) dirty.push('cdr_records');
    if (isForGood) await forgetInLedger(trx, callId);
    for (const table of dirty) await markForCleaning(trx, table);
    return true;
  });
}
