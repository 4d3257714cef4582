import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresServer } from '#test/postgres.ts';
import type { DatabasePool } from '../connection/pool.ts';
import { databaseKinds, makeStorage, type Storage } from '../test/storage.ts';
import type { AuditEntry, Database } from '../types.ts';
import { chainHash, genesisHash } from './chain.ts';

function entry(action: string, id = 'c1'): AuditEntry {
  return {
    actor: { kind: 'user', id: 'u1', name: 'Ann' },
    action,
    target: { kind: 'call', id },
    detail: { fromMs: 0, z: 1, a: [null, 1.5, 'é\u2028"'] },
    sourceIp: '127.0.0.1',
    atEpochMs: Date.parse('2026-11-25T10:00:00Z'),
    outcome: 'allowed',
  };
}

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`audit on ${kind.name}`, () => {
    let server: PostgresServer | null;
    let storage: Storage;
    let db: Database;
    let attacker: DatabasePool;
    let headPath: string;
    beforeAll(async () => {
      server = await kind.start();
      storage = makeStorage(await server?.createDatabase());
      headPath = join(storage.dataDir, 'audit', 'head.json');
      db = await storage.open();
      await db.whenReady();
      attacker = storage.inspect();
    });
    afterEach(async () => {
      await tamper('truncate audit_log');
      await tamper(`update audit_head set sequence = 0, hash = decode(repeat('00', 32), 'hex')`);
      rmSync(join(storage.dataDir, 'audit'), { recursive: true, force: true });
    });
    afterAll(async () => {
      await attacker.end();
      await db.close();
      await server?.close();
      storage.remove();
    });
    const appendTen = (): Promise<readonly { readonly sequence: number }[]> =>
      Promise.all(Array.from({ length: 10 }, (_, index) => db.audit.append(entry('call-opened', `c${index}`))));
    const tamper = (statement: string): Promise<unknown> => sql.raw(statement).execute(attacker.early);
    const reopen = async (): Promise<void> => {
      await attacker.end();
      await db.close();
      db = await storage.open();
      await db.whenReady();
      attacker = storage.inspect();
    };

    test('rows are numbered without gaps, listed and found intact', async () => {
      expect(await db.audit.verify()).toMatchObject({ intact: true, rows: 0, outsideHead: 'absent' });
      expect((await appendTen()).map((row) => row.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      // One after the other too, each asked for in the very turn in which the one before is answered.
      for (let sequence = 11; sequence <= 30; sequence += 1)
        expect(await db.audit.append(entry('call-played'))).toEqual({ sequence });
      // What Postgres would refuse in text is kept in a form that it takes.
      await db.audit.append({ ...entry('search-run'), detail: { q: 'a\0b\uD800' } });
      expect(await db.audit.verify()).toEqual({
        intact: true,
        rows: 31,
        firstSequence: 1,
        lastSequence: 31,
        erasedRows: 0,
        rowsPastOutsideHead: 0,
        outsideHead: 'matches',
        headSignature: 'valid',
      });
      const [newest, second] = (await db.audit.list({ limit: 2 })).items;
      expect(newest?.entry?.detail).toEqual({ q: 'a\uFFFDb\uFFFD' });
      expect(second).toMatchObject({ sequence: 30, entry: entry('call-played') });
      const page = await db.audit.list({ action: 'call-opened', actorId: 'u1', limit: 1, after: '6' });
      expect(page).toMatchObject({ items: [{ sequence: 5 }], next: '5' });
      expect((await db.audit.list({ targetId: 'c3' })).items.map((row) => row.sequence)).toEqual([4]);
      expect((await db.audit.list({ from: '2026-11-25T10:00:00.001Z' })).items).toEqual([]);
    });

    test('erased content leaves the chain whole', async () => {
      await appendTen();
      await tamper('update audit_log set content = null, salt = null where sequence = 4');
      expect(await db.audit.verify()).toMatchObject({ intact: true, rows: 10, erasedRows: 1 });
      expect((await db.audit.list({ after: '5', limit: 1 })).items).toMatchObject([{ sequence: 4, entry: null }]);
    });

    test.each([
      ['edited content', `content = replace(content, 'c2', 'c7')`, 'row-edited'],
      ['a new salt', `salt = decode(repeat('00', 32), 'hex')`, 'row-edited'],
      ['content gone without its salt', `content = null`, 'row-edited'],
      [
        'another digest',
        `content_digest = decode(repeat('11', 32), 'hex'), content = null, salt = null`,
        'chain-broken',
      ],
      ['another hash', `hash = decode(repeat('22', 32), 'hex')`, 'chain-broken'],
      ['another signature', `signature = decode(repeat('33', 64), 'hex')`, 'signature-invalid'],
    ])('finds %s', async (_, change, problem) => {
      await appendTen();
      await tamper(`update audit_log set ${change} where sequence = 3`);
      expect(await db.audit.verify()).toMatchObject({ intact: false, firstWrongSequence: 3, problem });
    });

    test('finds a row deleted in the middle, and at the start', async () => {
      await appendTen();
      await tamper('delete from audit_log where sequence = 6');
      expect(await db.audit.verify()).toMatchObject({ intact: false, firstWrongSequence: 6, problem: 'row-missing' });
      await tamper('delete from audit_log where sequence = 1');
      expect(await db.audit.verify()).toMatchObject({ intact: false, firstWrongSequence: 1, problem: 'row-missing' });
    });

    test('finds a tail cut off, with the head row moved back to match', async () => {
      await appendTen();
      await tamper('delete from audit_log where sequence > 7');
      expect(await db.audit.verify()).toMatchObject({ intact: false, firstWrongSequence: 8, problem: 'tail-cut' });
      await tamper(
        'update audit_head set (sequence, hash) = (select sequence, hash from audit_log where sequence = 7)',
      );
      expect(await db.audit.verify()).toMatchObject({ intact: false, firstWrongSequence: 8, problem: 'tail-cut' });
      // A restart sees it too, and going on does not cover it up.
      await reopen();
      expect(db.status().audit).toBe('broken');
      expect(await db.audit.append(entry('call-opened'))).toEqual({ sequence: 8 });
      expect(await db.audit.verify()).toMatchObject({ intact: false, problem: 'earlier-alarm' });
    });

    test('finds an edit after which every later hash was computed anew', async () => {
      await appendTen();
      const rows = await attacker.early.selectFrom('audit_log').selectAll().orderBy('sequence').execute();
      let hash: Buffer = genesisHash;
      for (const row of rows) {
        const digest = row.sequence === 5 ? Buffer.alloc(32, 9) : row.content_digest;
        hash = chainHash(hash, row.sequence, digest);
        await attacker.early
          .updateTable('audit_log')
          .set({ hash, content_digest: digest, ...(row.sequence === 5 ? { content: null, salt: null } : {}) })
          .where('sequence', '=', row.sequence)
          .execute();
      }
      await attacker.early.updateTable('audit_head').set({ hash }).execute();
      expect(await db.audit.verify()).toMatchObject({
        intact: false,
        firstWrongSequence: 5,
        problem: 'signature-invalid',
        headSignature: 'invalid',
      });
      await reopen();
      expect(db.status().audit).toBe('broken');
    });

    test('finds a row put in past the head', async () => {
      await appendTen();
      await tamper(
        'insert into audit_log (sequence, content_digest, hash, signature) select 11, content_digest, hash, signature from audit_log where sequence = 10',
      );
      expect(await db.audit.verify()).toMatchObject({ intact: false, firstWrongSequence: 11, problem: 'head-wrong' });
    });

    test('after a start the rows themselves are checked, the newest first, and again from the first', async () => {
      await appendTen();
      await reopen();
      await expect.poll(() => db.status().auditVerifiedTo).toBe(10);
      // Of rows that were found right once, and behind which the head still fits.
      await tamper(`update audit_log set content = replace(content, 'c2', 'c7') where sequence = 3`);
      await reopen();
      await expect
        .poll(() => db.status())
        .toMatchObject({
          audit: 'broken',
          auditTrouble: 'row 3 was edited: its content does not give its digest',
          auditVerifiedTo: 2,
        });
      // Nor is it forgotten.
      await reopen();
      await expect.poll(() => db.status().audit).toBe('broken');
      await tamper(`update audit_log set content = replace(content, 'c7', 'c2') where sequence = 3`);
      await tamper('delete from audit_log where sequence = 9');
      await reopen();
      await expect.poll(() => db.status().auditTrouble).toBe('row 9 is missing');
    });

    test('the check goes on from where an earlier process got to', async () => {
      await appendTen();
      await reopen();
      await expect.poll(() => db.status().auditVerifiedTo).toBe(10);
      await appendTen();
      await tamper(`update audit_log set signature = decode(repeat('33', 64), 'hex') where sequence in (2, 15)`);
      await reopen();
      await expect.poll(() => db.status()).toMatchObject({ audit: 'broken', auditVerifiedTo: 14 });
    });

    test('a crash between the commit and the head file is no tampering', async () => {
      await appendTen();
      const older = readFileSync(headPath);
      await appendTen();
      writeFileSync(headPath, older);
      expect(await db.audit.verify()).toMatchObject({
        intact: true,
        rows: 20,
        outsideHead: 'behind',
        rowsPastOutsideHead: 10,
      });
      await reopen();
      expect(db.status().audit).toBe('intact');
      expect(await db.audit.verify()).toMatchObject({ intact: true, outsideHead: 'matches' });
    });

    test('a head file that is gone or edited is found', async () => {
      await appendTen();
      const head = readFileSync(headPath, 'utf8');
      writeFileSync(headPath, head.replace(/"hash":"../, '"hash":"zz'));
      expect(await db.audit.verify()).toMatchObject({ intact: false, problem: 'outside-head-wrong' });
      rmSync(headPath);
      expect(await db.audit.verify()).toMatchObject({ intact: false, problem: 'outside-head-wrong' });
      expect(readdirSync(join(storage.dataDir, 'keys')).sort()).toEqual(['audit.key', 'audit.pub']);
    });
  });
}
