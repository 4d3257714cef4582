import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { describe, expect, test } from 'vitest';
import { encodeRecord } from '../journal/record.ts';
import { endedCall, sampleMetrics, sampleReport } from '../test/samples.ts';
import { databaseKinds, makeStorage } from '../test/storage.ts';
import { migrations } from './migrate.ts';

/** A stream's figures, as the version before wrote them. */
const {
  firstSample: _firstSample,
  endSample: _endSample,
  quietSamples: _quietSamples,
  gaps: _gaps,
  mos: _mos,
  ...earlierReport
} = sampleReport;
const report = { ...earlierReport, firstSample: null, endSample: null, quietSamples: 0, gaps: 0, mos: null };

/** A call, and what the version before knew of it. */
const call = endedCall('stored', { sourceName: 'b2bua', streams: { caller: report, callee: report } });
function asBefore(callId: string): unknown {
  const {
    assurance: _assurance,
    pauses: _pauses,
    sourceName: _sourceName,
    sidesSwapped: _sidesSwapped,
    ...known
  } = call;
  return { ...known, callId, streams: { caller: earlierReport, callee: earlierReport } };
}

async function fillAsBefore(db: Kysely<unknown>): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
  const { error } = await new Migrator({ db, provider }).migrateTo('0004-export-calls');
  expect(error).toBeUndefined();
  for (const [callId, lostOps, streams] of [
    ['stored', 0, JSON.stringify({ caller: earlierReport, callee: earlierReport })],
    ['lost', 2, null],
    ['nothing', 0, '{}'],
  ] as const) {
    await sql`
      insert into calls values (${callId}, 'ended', ${call.startedAt}, ${call.mediaStartedAt}, ${call.answeredAt},
        ${call.endedAt}, 60000, 0, 'b2bua', array['a@example.org', 'b@example.org'], ${JSON.stringify(call.headers)},
        'redacted-only', 'complete', ${JSON.stringify(call.notes)}, 'completed', 'caller-hung-up', null, ${streams},
        'another-server', ${lostOps})`.execute(db);
  }
  for (const [ordinal, party] of call.parties.entries())
    await sql`
      insert into parties values ('stored', ${party.partyId}, ${ordinal}, ${party.side}, ${party.uri},
        ${party.displayName}, ${party.role}, 0, null)`.execute(db);
  await sql`
    insert into call_metrics values ('stored', 60000, 20000, 25000, 150.5, null, 500, 4000, 0, 1, 0, 500,
      -2.25, null, -2.25, null, '[-2.25, null, 0.5, -1]', '[null, null, null, null]')`.execute(db);
}

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`an update from 0004 on ${kind.name}`, () => {
    test('rows become what is written today, and what waits in the journal is stored like them', async () => {
      const server = await kind.start();
      const storage = makeStorage(await server?.createDatabase());
      await storage.aside((pool) => fillAsBefore(pool.early as unknown as Kysely<unknown>));
      const ops = [
        { op: 'call', call: asBefore('waiting') },
        { op: 'metrics', metrics: sampleMetrics('waiting', 1) },
      ];
      mkdirSync(join(storage.dataDir, 'journal'));
      writeFileSync(
        join(storage.dataDir, 'journal', '00000001.segment'),
        Buffer.concat(ops.map((op) => encodeRecord(JSON.stringify(op)))),
      );

      const db = await storage.open();
      await db.whenReady();
      // What is heard besides words is kept since 0011: a row of before has none.
      const { sound: _sound, ...metrics } = sampleMetrics('stored', -2.25);
      expect(await db.calls.get('stored')).toMatchObject({ call, metrics });
      expect(await db.calls.get('waiting')).toMatchObject({
        call: { ...call, callId: 'waiting' },
        metrics: sampleMetrics('waiting', 1),
      });
      expect((await db.calls.get('lost'))?.call).toMatchObject({ completeness: 'partial', streams: null });
      expect((await db.calls.get('nothing'))?.call).toMatchObject({ completeness: 'complete', streams: {} });
      expect(db.status().journal).toMatchObject({ refusedOps: 0, damagedRecords: 0 });
      const { items } = await db.calls.list({ source: 'b2bua', sourceName: 'b2bua', completeness: 'complete' });
      expect(items.map((item) => item.call.callId).sort()).toEqual(['nothing', 'stored', 'waiting']);
      await db.close();
      await server?.close();
      storage.remove();
    });
  });
}
