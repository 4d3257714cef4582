import { describe, expect, test } from 'vitest';
import { endedCall, sampleEntry, sampleUtterance } from './test/samples.ts';
import { useDatabase } from './test/house.ts';
import { databaseKinds, makeStorage } from './test/storage.ts';

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`the ledger of files on ${kind.name}`, () => {
    const house = useDatabase(kind);
    const write = (callId: string): void => house.db.store.write({ op: 'call', call: endedCall(callId) });

    test('gives back what was saved last, and what is unfinished, the oldest first', async () => {
      const waiting = sampleEntry('waiting');
      const earlier = sampleEntry('earlier', { takenEpochMs: 1_763_000_000_000, state: 'running' });
      await house.db.ingest.save(waiting);
      await house.db.ingest.save(earlier);
      expect(await house.db.ingest.find('waiting')).toEqual(waiting);
      expect(await house.db.ingest.unfinished()).toEqual([earlier, waiting]);
      const done = sampleEntry('waiting', { state: 'done', spooled: [], doneMs: 3_600_000, hoursPerHour: 12.5 });
      const failed = sampleEntry('earlier', { state: 'failed', fault: 'byte 40: no sound' });
      await house.db.ingest.save(done);
      await house.db.ingest.save(failed);
      expect(await house.db.ingest.find('waiting')).toEqual(done);
      expect(await house.db.ingest.find('earlier')).toEqual(failed);
      expect(await house.db.ingest.unfinished()).toEqual([]);
      expect(await house.db.ingest.find('nobody')).toBeUndefined();
    });

    test('forgets what it was with the last of the calls', async () => {
      for (const callId of ['whole-1', 'whole-2']) write(callId);
      await house.db.ingest.save(sampleEntry('whole', { state: 'done' }));
      await house.db.ingest.save(sampleEntry('empty', { state: 'done', callIds: [] }));
      await house.db.flush();
      await house.db.calls.remove('whole-1');
      expect(await house.db.ingest.find('whole')).toBeDefined();
      await house.db.calls.remove('whole-2');
      expect(await house.db.ingest.find('whole')).toBeUndefined();
      expect(await house.db.ingest.find('empty')).toBeDefined();
      const inspector = house.storage.inspect();
      const rows = await inspector.early.selectFrom('ingest_ledger').select('sha256').orderBy('sha256').execute();
      await inspector.end();
      expect(rows.map((row) => row.sha256)).not.toContain('whole');
    });

    test('an entry whose calls are removed while it runs goes when it ends', async () => {
      write('runs-1');
      await house.db.ingest.save(sampleEntry('runs', { state: 'running', callIds: ['runs-1'] }));
      await house.db.flush();
      await house.db.calls.remove('runs-1');
      expect(await house.db.ingest.unfinished()).toMatchObject([{ sha256: 'runs' }]);
      await house.db.ingest.save(sampleEntry('runs', { state: 'done', callIds: ['runs-1'] }));
      expect(await house.db.ingest.find('runs')).toBeUndefined();
    });

    test('knows whose calls are still to go on record, and keeps the entry of removed ones until they are', async () => {
      const handedInBy = {
        actor: { kind: 'key', id: 'k', name: 'pbx' },
        address: '192.0.2.1',
        onBehalfOf: 'zo\u0000ë',
      } as const;
      const entry = sampleEntry('handed', { state: 'done', handedInBy });
      await house.db.ingest.save(entry);
      await house.db.ingest.save(sampleEntry('by nobody'));
      const kept = { ...entry, handedInBy: { ...handedInBy, onBehalfOf: 'zo\uFFFDë' } };
      expect(await house.db.ingest.unrecorded()).toEqual([{ entry: kept, callIds: entry.callIds }]);
      await house.db.ingest.recorded('handed', 'handed-1');
      // A later state of it does not make it forget.
      await house.db.ingest.save({ ...entry, doneMs: 5 });
      expect(await house.db.ingest.unrecorded()).toMatchObject([{ callIds: ['handed-2'] }]);
      for (const callId of ['handed-1', 'handed-2']) write(callId);
      await house.db.flush();
      for (const callId of ['handed-1', 'handed-2']) await house.db.calls.remove(callId);
      expect(await house.db.ingest.find('handed')).toBeUndefined();
      expect(await house.db.ingest.unrecorded()).toMatchObject([{ callIds: ['handed-2'] }]);
      await house.db.ingest.recorded('handed', 'handed-2');
      expect(await house.db.ingest.unrecorded()).toEqual([]);
      const inspector = house.storage.inspect();
      const rows = await inspector.early.selectFrom('ingest_ledger').select('sha256').execute();
      await inspector.end();
      expect(rows.map((row) => row.sha256)).not.toContain('handed');
    });

    test('a call that is discarded may be played anew under its id', async () => {
      write('again-1');
      house.db.store.write({ op: 'utterance', utterance: sampleUtterance('again-1', 'of the first run') });
      await house.db.ingest.save(sampleEntry('again', { callIds: ['again-1'] }));
      await house.db.flush();
      house.db.store.write({ op: 'utterance', utterance: sampleUtterance('again-1', 'still on its way') });
      await house.db.calls.discard('again-1');
      expect(await house.db.calls.get('again-1')).toBeUndefined();
      expect(await house.db.ingest.find('again')).toBeDefined();
      write('again-1');
      house.db.store.write({ op: 'utterance', utterance: sampleUtterance('again-1', 'of the second run') });
      await house.db.flush();
      expect((await house.db.calls.transcript('again-1')).map(({ text }) => text)).toEqual(['of the second run']);
      await house.db.calls.discard('never-begun');
    });
  });
}

// PGlite is of one server alone.
for (const kind of databaseKinds.filter(({ name }) => name !== 'PGlite')) {
  test.skipIf(!kind.available)(
    `what another server on the same database has not finished is left to it, on ${kind.name}`,
    async () => {
      const server = await kind.start();
      const url = await server?.createDatabase();
      const [ours, theirs] = [makeStorage(url), makeStorage(url)];
      const [here, there] = [await ours.open(), await theirs.open()];
      try {
        await Promise.all([here.whenReady(), there.whenReady()]);
        const entry = sampleEntry('theirs');
        await there.ingest.save(entry);
        expect(await there.ingest.unfinished()).toEqual([entry]);
        expect(await here.ingest.unfinished()).toEqual([]);
        // But it is known here too.
        expect(await here.ingest.find('theirs')).toEqual(entry);
      } finally {
        await Promise.all([here.close(), there.close()]);
        await server?.close();
        ours.remove();
        theirs.remove();
      }
    },
  );
}
