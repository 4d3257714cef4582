import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '#analytics/types.ts';
import type { PostgresServer } from '#test/postgres.ts';
import { endedCall, sampleCall, sampleRedaction, sampleUtterance } from './test/samples.ts';
import { databaseKinds, makeStorage, type Storage } from './test/storage.ts';
import type { AuditEntry, Database } from './types.ts';

const entry: AuditEntry = {
  actor: { kind: 'system', id: 'test', name: 'test' },
  action: 'looked',
  target: null,
  detail: null,
  sourceIp: null,
  atEpochMs: 0,
  outcome: 'allowed',
};

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`outages on ${kind.name}`, () => {
    let server: PostgresServer | null;
    let url: string | undefined;
    let storage: Storage;
    let db: Database;
    beforeAll(async () => {
      server = await kind.start();
    });
    beforeEach(async () => {
      url = await server?.createDatabase();
      storage = makeStorage(url);
    });
    afterEach(async () => {
      await db.close();
      storage.remove();
    });
    afterAll(async () => {
      await server?.close();
    });
    const write = (callId: string, count: number): void => {
      for (let number = 0; number < count; number += 1)
        db.store.write({
          op: 'utterance',
          utterance: sampleUtterance(callId, `number ${number}`, { utteranceId: `${callId}-${number}` }),
        });
    };
    const stored = async (callId: string): Promise<readonly string[]> =>
      (await db.calls.transcript(callId)).map((utterance) => utterance.text);
    const numbers = (count: number): readonly string[] =>
      Array.from({ length: count }, (_, index) => `number ${index}`);

    test('away at start: opens at once, takes writes, stores each once when it comes', async () => {
      await server?.stop();
      db = await storage.open();
      db.store.write({ op: 'call', call: endedCall('early') });
      write('early', 700);
      expect(db.status()).toMatchObject({ state: 'connecting', journal: { pendingOps: 701 }, audit: 'unchecked' });
      await expect(db.calls.list({})).rejects.toMatchObject({ code: 'database-unavailable' });
      await expect(db.audit.append(entry)).rejects.toMatchObject({ code: 'audit-write-failed' });
      await expect(db.flush(50)).rejects.toMatchObject({ code: 'database-unavailable' });
      await server?.restart();
      await db.whenReady();
      await db.flush();
      expect(await stored('early')).toEqual(numbers(700));
      expect(db.status()).toMatchObject({ state: 'ready', trouble: null, journal: { pendingOps: 0 }, audit: 'intact' });
    });

    test('away in mid-run: what is written meanwhile is stored once each, and the audit chain goes on', async () => {
      db = await storage.open();
      await db.whenReady();
      const changes: boolean[] = [];
      db.onReadiness(({ ready }) => changes.push(ready));
      db.store.write({ op: 'call', call: endedCall('mid') });
      write('mid', 300);
      await db.audit.append(entry);
      if (server === null) process.kill(pgliteChild(), 'SIGKILL');
      else await server.stop();
      await expect.poll(() => db.ready, { timeout: 10_000, interval: 5 }).toBe(false);
      write('mid', 600);
      await expect(db.audit.append(entry)).rejects.toMatchObject({ code: 'audit-write-failed' });
      await server?.restart();
      await db.whenReady();
      await db.flush();
      expect(await stored('mid')).toEqual(numbers(600));
      expect(await db.audit.append(entry)).toEqual({ sequence: 2 });
      expect(await db.audit.verify()).toMatchObject({ intact: true, rows: 2 });
      expect(changes).toEqual([false, true]);
      expect(db.status().pgliteRestarts).toBe(server === null ? 1 : 0);
    });

    test('kill -9 of the process that writes: every write that returned is there once', async () => {
      const writer = fork(
        new URL('./test/writer.ts', import.meta.url),
        [storage.dataDir, storage.runtimeDir, ...(url === undefined ? [] : [url])],
        { execArgv: [] },
      );
      let last = -1;
      writer.on('message', (number) => {
        last = Number(number);
        if (last === 1_500) writer.kill('SIGKILL');
      });
      await once(writer, 'exit');
      expect(last).toBeGreaterThanOrEqual(1_500);
      db = await storage.open();
      await db.whenReady();
      const texts = await stored('killed');
      expect(texts.slice(0, last + 1)).toEqual(numbers(last + 1));
      expect(new Set(texts).size).toBe(texts.length);
      expect((await db.calls.get('killed'))?.call).toMatchObject({
        state: 'ended',
        termination: { result: 'failed', reason: 'server-restarted', sipStatus: null },
      });
    });

    test('past the limit it counts, names the call, and says so on its row', async () => {
      await server?.stop();
      db = await storage.open({ journalLimitMb: 0.02 });
      const whole = endedCall('full', { assurance: { verdict: 'complete', reason: 'all-there', streams: [] } });
      db.store.write({ op: 'call', call: whole });
      write('full', 100);
      const { overflowedOps, overflowedCallIds, pendingOps } = db.status().journal;
      expect(overflowedCallIds).toEqual(['full']);
      expect(pendingOps + overflowedOps).toBe(101);
      expect(overflowedOps).toBeGreaterThan(10);
      await server?.restart();
      await db.whenReady();
      expect(await stored('full')).toEqual(numbers(pendingOps - 1));
      const detail = await db.calls.get('full');
      expect(detail?.call.completeness).toBe('partial');
      expect(detail?.call.notes.at(-1)).toEqual({
        atMs: null,
        note: 'rows-lost',
        detail: `${overflowedOps} rows found no room while the database was away`,
      });
      // Whatever is written of it later.
      db.store.write({ op: 'call', call: whole });
      await db.flush();
      expect((await db.calls.get('full'))?.call).toMatchObject({
        completeness: 'partial',
        assurance: { verdict: 'partial', reason: 'rows-lost' },
      });
    });

    test('a call whose row comes later is told of its losses then', async () => {
      await server?.stop();
      db = await storage.open({ journalLimitMb: 0.01 });
      db.store.write({ op: 'call', call: endedCall('before') });
      write('before', 100);
      const lostBefore = db.status().journal.overflowedOps;
      write('late', 3);
      await server?.restart();
      await db.whenReady();
      await db.flush();
      db.store.write({ op: 'call', call: endedCall('late') });
      const lostOps = async (callId: string): Promise<string | undefined> =>
        (await db.calls.get(callId))?.call.notes.find(({ note }) => note === 'rows-lost')?.detail.split(' ')[0];
      await expect.poll(() => lostOps('late')).toBe('3');
      expect(await lostOps('before')).toBe(String(lostBefore));
    });

    test('a call that ends, or begins, while the journal is being stored is not closed as dead', async () => {
      db = await storage.open();
      await db.whenReady();
      for (const callId of ['ends', 'begins', 'dead']) db.store.write({ op: 'call', call: sampleCall(callId) });
      await db.close();
      const live = [['ends'], ['begins']];
      db = await storage.open({ liveCallIds: () => live.shift() ?? [] });
      const [event] = await Promise.all([new Promise((resolve) => db.onReadiness(resolve)), db.whenReady()]);
      expect(event).toEqual({ ready: true, closedCallIds: ['dead'] });
    });

    test('closes the calls of an earlier process, at the last thing known of them, and no others', async () => {
      db = await storage.open();
      await db.whenReady();
      for (const callId of ['dead', 'live', 'silent']) db.store.write({ op: 'call', call: sampleCall(callId) });
      const pauses = [
        { fromMs: 1_000, toMs: 2_000, by: 'siprec' },
        { fromMs: 40_000, toMs: null, by: 'Ann' },
      ];
      const others: readonly Call[] = [
        sampleCall('ringing', { state: 'ringing', answeredAt: null, mediaStartedAt: null }),
        sampleCall('no-media', { mediaStartedAt: null, answeredMs: null }),
        sampleCall('unrecorded', { record: 'none', completeness: 'excluded' }),
        sampleCall('paused', { pauses }),
      ];
      for (const call of others) db.store.write({ op: 'call', call });
      db.store.write({ op: 'utterance', utterance: sampleUtterance('dead', 'last words', { startMs: 20_000 }) });
      db.store.write({ op: 'redaction', redaction: sampleRedaction('dead', { endMs: 31_500 }) });
      await db.close();

      db = await storage.open({ liveCallIds: () => ['live'] });
      const [event] = await Promise.all([new Promise((resolve) => db.onReadiness(resolve)), db.whenReady()]);
      expect(event).toMatchObject({ ready: true });
      expect([...(event as { closedCallIds: readonly string[] }).closedCallIds].sort()).toEqual([
        'dead',
        'no-media',
        'paused',
        'ringing',
        'silent',
        'unrecorded',
      ]);
      const dead = (await db.calls.get('dead'))?.call;
      expect(dead).toMatchObject({
        state: 'ended',
        endedAt: '2026-11-25T10:00:36.500Z',
        durationMs: 31_500,
        completeness: 'partial',
        assurance: { verdict: 'partial', reason: 'server-restarted', streams: [] },
        termination: { result: 'failed', reason: 'server-restarted', sipStatus: null },
      });
      expect(dead?.notes.at(-1)).toMatchObject({ atMs: 31_500, note: 'server-restarted' });
      expect((await db.calls.get('silent'))?.call.endedAt).toBe('2026-11-25T10:00:05.000Z');
      expect((await db.calls.get('ringing'))?.call).toMatchObject({
        endedAt: '2026-11-25T10:00:00.000Z',
        durationMs: null,
        completeness: 'excluded',
        assurance: { verdict: 'excluded', reason: 'not-answered' },
      });
      expect((await db.calls.get('no-media'))?.call).toMatchObject({
        completeness: 'missing',
        assurance: { verdict: 'missing', reason: 'nothing-came' },
      });
      expect((await db.calls.get('unrecorded'))?.call.assurance).toMatchObject({ reason: 'record-none' });
      expect((await db.calls.get('paused'))?.call).toMatchObject({
        endedAt: '2026-11-25T10:00:45.000Z',
        pauses: [pauses[0], { ...pauses[1], toMs: 40_000 }],
      });
      expect((await db.calls.get('live'))?.call.state).toBe('active');
    });
  });
}

describe('closing', () => {
  const kind = databaseKinds.find((each) => each.name !== 'PGlite' && each.available);
  test.skipIf(kind === undefined)(
    'waits for no vacuum that somebody else holds up',
    async () => {
      const server = await kind?.start();
      const storage = makeStorage(await server?.createDatabase());
      const db = await storage.open();
      await db.whenReady();
      db.store.write({ op: 'call', call: endedCall('gone') });
      await db.flush();
      const inspector = storage.inspect();
      const held = Promise.withResolvers<void>();
      const vacuums = async (): Promise<number> =>
        (
          await sql`select 1 from pg_stat_activity where query like 'vacuum full%' and pid <> pg_backend_pid()`.execute(
            inspector.early,
          )
        ).rows.length;
      const blocker = inspector.early.transaction().execute(async (trx) => {
        await sql`lock table utterances in access share mode`.execute(trx);
        await held.promise;
      });
      await db.calls.remove('gone');
      await expect.poll(vacuums, { timeout: 15_000 }).toBe(1);
      await db.close();
      held.resolve();
      await blocker;
      await inspector.end();
      await server?.close();
      storage.remove();
    },
    28_000,
  );
});

/** The process of ours that runs PGlite. */
function pgliteChild(): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => {
    try {
      const parent = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1];
      return parent === String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('pglite-child');
    } catch {
      return false;
    }
  });
  return Number(found);
}
