import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { endedCall, sampleEntry, sampleFinding, sampleUtterance } from '../test/samples.ts';
import { databaseKinds, makeStorage } from '../test/storage.ts';

/** Letters that nothing else holds; the stem that search keeps of it, "xyzzyplugh", is part of it. */
const secret = 'xyzzyplughs';
const stem = 'xyzzyplugh';

const exportRecord = {
  madeBy: { kind: 'cli', id: 'cli', name: 'cli' },
  madeAt: '2026-11-25T11:00:00.000Z',
  scope: {},
  calls: 1,
  files: 1,
  bytes: 1,
  manifestSha256: '00',
} as const;

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`late redaction on ${kind.name}`, () => {
    test('what was rewritten or deleted is in no file of the database any more', async () => {
      const server = await kind.start();
      const storage = makeStorage(await server?.createDatabase());
      // Of a server, its tables: the write-ahead log is kept as its administrator says.
      const folder = server === null ? storage.dataDir : join(server.folder, 'base');
      const db = await storage.open();
      await db.whenReady();
      for (const callId of ['late', 'deleted']) {
        db.store.write({ op: 'call', call: endedCall(callId) });
        for (let index = 0; index < 50; index += 1)
          db.store.write({ op: 'utterance', utterance: sampleUtterance(callId, `filler words ${index}`) });
        const told = sampleUtterance(callId, `it is ${secret} indeed`, { utteranceId: `${callId}-told` });
        db.store.write({ op: 'utterance', utterance: told });
        const evidence = sampleFinding(callId, { findingId: `${callId}-found`, evidence: secret });
        db.store.write({ op: 'finding', finding: evidence });
      }
      await db.ingest.save(sampleEntry('content', { names: [`${secret}.wav`], callIds: ['deleted'], state: 'done' }));
      await db.flush();
      const inspector = storage.inspect();
      await sql`analyze`.execute(inspector.early);
      await sql`checkpoint`.execute(inspector.early);
      expect(filesWith(folder, stem)).not.toEqual([]);

      let timesGone = 0;
      db.onExportsGone(() => (timesGone += 1));
      const noteExport = async (exportId: string, callId: string): Promise<void> => {
        await db.exports.hold(exportId, callId);
        await db.exports.add({ ...exportRecord, exportId });
      };
      await noteExport('of-late', 'late');
      await noteExport('of-deleted', 'deleted');

      const masked = sampleUtterance('late', 'it is [CARD] indeed', { utteranceId: 'late-told', revision: 2 });
      db.store.write({ op: 'rewrite-utterance', utterance: masked });
      db.store.write({
        op: 'finding',
        finding: sampleFinding('late', { findingId: 'late-found', evidence: '[CARD]' }),
      });
      await db.flush();
      // Only what went out before is taken back.
      await noteExport('after', 'late');
      expect(timesGone).toBe(1);
      await db.exports.markGone('deleted', 'call-deleted');
      await db.calls.remove('deleted');
      const { items } = await db.exports.list({});
      expect(Object.fromEntries(items.map((each) => [each.exportId, each.goneBecause]))).toEqual({
        'of-late': 'late-redaction',
        'of-deleted': 'call-deleted',
        after: null,
      });
      expect((await db.utterances.search({ q: secret })).items).toEqual([]);
      expect((await db.utterances.search({ q: 'card' })).items).toHaveLength(1);
      await expect.poll(() => filesWith(folder, stem), { timeout: 30_000, interval: 250 }).toEqual([]);
      await db.close();
      expect(filesWith(folder, stem)).toEqual([]);
      await inspector.end();
      await server?.close();
      storage.remove();
    });
  });
}

function filesWith(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    try {
      const path = join(folder, name);
      return statSync(path).isFile() && readFileSync(path).includes(text);
    } catch {
      // Gone since it was listed.
      return false;
    }
  });
}
