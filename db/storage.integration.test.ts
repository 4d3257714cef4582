import { mkdirSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call, CallMetrics } from '#analytics/types.ts';
import type { Party } from '#sip/types.ts';
import type { PostgresServer } from '#test/postgres.ts';
import {
  endedCall,
  sampleCall,
  sampleFinding,
  sampleMetrics,
  sampleRecording,
  sampleRedaction,
  sampleReport,
  sampleSentiment,
  sampleUtterance,
} from './test/samples.ts';
import { databaseKinds, makeStorage, type Storage } from './test/storage.ts';
import type { CallFilter, Database } from './types.ts';

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`calls on ${kind.name}`, () => {
    let server: PostgresServer | null;
    let storage: Storage;
    let db: Database;
    beforeAll(async () => {
      server = await kind.start();
      storage = makeStorage(await server?.createDatabase());
      db = await storage.open();
      await db.whenReady();
    });
    afterAll(async () => {
      await db.close();
      await server?.close();
      storage.remove();
    });

    test('gives back what was written', async () => {
      const call = endedCall('whole', { streams: null });
      const words = sampleUtterance('whole', 'Hello there.');
      const finding = sampleFinding('whole');
      const redaction = sampleRedaction('whole');
      const metrics = sampleMetrics('whole', -2.25);
      db.store.write({ op: 'call', call: sampleCall('whole', { state: 'ringing', answeredAt: null }) });
      db.store.write({ op: 'utterance', utterance: words });
      db.store.write({ op: 'finding', finding });
      db.store.write({ op: 'redaction', redaction });
      db.store.write({ op: 'metrics', metrics });
      db.store.write({ op: 'recording', callId: 'whole', recording: sampleRecording });
      db.store.write({ op: 'call', call });
      await db.flush();
      expect(await db.calls.get('whole')).toEqual({
        call,
        metrics,
        findings: [finding],
        redactions: [redaction],
        recording: sampleRecording,
      });
      expect(await db.calls.transcript('whole')).toEqual([words]);
      expect(await db.calls.get('nobody')).toBeUndefined();
    });

    test('a higher revision replaces, a lower one changes nothing, an ended call stays ended', async () => {
      const first = sampleUtterance('revised', 'one');
      db.store.write({ op: 'call', call: endedCall('revised') });
      db.store.write({ op: 'utterance', utterance: { ...first, text: 'two', revision: 2 } });
      await db.flush();
      db.store.write({ op: 'utterance', utterance: first });
      db.store.write({ op: 'call', call: sampleCall('revised') });
      await db.flush();
      expect((await db.calls.transcript('revised')).map((each) => each.text)).toEqual(['two']);
      expect((await db.calls.get('revised'))?.call.state).toBe('ended');
    });

    test('a call of many sides is given back as it was, and who is in it no more is gone', async () => {
      const [caller, callee] = sampleCall('sides').parties;
      if (caller === undefined || callee === undefined) throw new Error('no parties');
      const third: Party = { ...callee, partyId: 'sides-3', side: 'other', displayName: 'Third', joinedMs: 5_000 };
      const stream = { expectedMs: 60_000, heardMs: 59_000, silentMs: 0 } as const;
      const call = endedCall('sides', {
        parties: [caller, third],
        source: 'siprec',
        sourceName: '192.0.2.7',
        completeness: 'partial',
        assurance: {
          verdict: 'partial',
          reason: 'stream-gaps',
          streams: [
            { side: 'caller', ...stream, verdict: 'partial', reason: 'stream-gaps' },
            { side: 'other', ...stream, verdict: 'complete', reason: 'all-there' },
          ],
        },
        pauses: [{ fromMs: 1_000, toMs: 2_000, by: 'siprec' }],
        sidesSwapped: true,
        streams: { caller: sampleReport, other: { ...sampleReport, mos: null } },
      });
      const metrics: CallMetrics = {
        ...sampleMetrics('sides', 1),
        talkMs: { caller: 1_000, callee: 0, other: 2_000 },
        talkSpeedWpm: { caller: 120, callee: null, other: 130.5 },
        interruptions: { caller: 0, callee: 0, other: 2 },
        sentiment: { ...sampleMetrics('sides', 1).sentiment, other: sampleSentiment(-1) },
      };
      const mixed: CallMetrics = {
        ...sampleMetrics('sides', 1),
        talkMs: { mixed: 3_000 },
        talkSpeedWpm: { mixed: 110 },
        interruptions: { mixed: 0 },
        sentiment: { mixed: sampleSentiment(0.25) },
      };
      db.store.write({ op: 'call', call: sampleCall('sides') });
      db.store.write({ op: 'metrics', metrics: mixed });
      await db.flush();
      expect(await db.calls.get('sides')).toMatchObject({ call: { parties: [caller, callee] } });
      expect(await db.calls.metrics('sides')).toEqual(mixed);
      db.store.write({ op: 'call', call });
      db.store.write({ op: 'metrics', metrics });
      await db.flush();
      expect(await db.calls.get('sides')).toMatchObject({ call, metrics });
      expect(await db.calls.metrics('sides')).toEqual(metrics);
      // Of an ended call nothing comes back, nor anybody.
      db.store.write({ op: 'call', call: sampleCall('sides') });
      await db.flush();
      expect((await db.calls.get('sides'))?.call).toEqual(call);
    });

    test('an op that the database refuses is set aside and holds up nothing', async () => {
      db.store.write({ op: 'call', call: endedCall('fine') });
      db.store.write({ op: 'finding', finding: sampleFinding('no-such-call') });
      // Not even a row can be made of this one.
      const broken = { ...sampleCall('broken'), parties: null } as unknown as Call;
      db.store.write({ op: 'call', call: broken });
      db.store.write({ op: 'finding', finding: sampleFinding('fine') });
      await db.flush();
      expect(await db.calls.findings('fine')).toHaveLength(1);
      expect(db.status().journal).toMatchObject({ refusedOps: 2, pendingOps: 0 });
      expect(readdirSync(join(storage.dataDir, 'journal', 'refused'))).toHaveLength(2);
    });

    test('what was set aside goes with its call, and its text when that is replaced', async () => {
      const aside = (): string => {
        const dir = join(storage.dataDir, 'journal', 'refused');
        return readdirSync(dir)
          .map((name) => readFileSync(join(dir, name), 'utf8'))
          .join();
      };
      db.store.write({ op: 'call', call: endedCall('aside') });
      for (const id of ['aside-1', 'aside-2']) {
        // No whole number: no database takes it for a revision.
        const broken = sampleUtterance('aside', `secret of ${id}`, { utteranceId: id, revision: 0.5 });
        db.store.write({ op: 'utterance', utterance: broken });
      }
      await db.flush();
      expect(aside()).toContain('secret of aside-1');
      const masked = sampleUtterance('aside', '[CARD]', { utteranceId: 'aside-1', revision: 2 });
      db.store.write({ op: 'rewrite-utterance', utterance: masked });
      expect(aside()).not.toContain('secret of aside-1');
      await db.flush();
      expect(aside()).toContain('secret of aside-2');
      expect(await db.calls.remove('aside')).toBe(true);
      expect(aside()).not.toContain('secret of aside-2');
    });

    test('a call deleted while its last writes are on their way stays deleted', async () => {
      // Around the moment at which a batch leaves the journal.
      for (const afterMs of [0, 3, 6, 9, 12, 15, 18, 21]) {
        const callId = `raced-${afterMs}`;
        db.store.write({ op: 'call', call: sampleCall(callId) });
        await db.flush();
        db.store.write({ op: 'call', call: endedCall(callId) });
        db.store.write({ op: 'utterance', utterance: sampleUtterance(callId, 'words') });
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        expect(await db.calls.remove(callId)).toBe(true);
        await db.flush();
        db.store.write({ op: 'call', call: endedCall('another') });
        await db.flush();
        expect(await db.calls.get(callId)).toBeUndefined();
      }
    });

    test('lists calls newest first, page after page, by every filter', async () => {
      for (const minute of [10, 11, 12, 13, 14]) {
        const callId = `list-${minute}`;
        const at = `2025-01-01T00:${minute}:00.000Z`;
        const sipCallIds = [`in-${minute}@example.org`, `out-${minute}@example.org`];
        db.store.write({ op: 'call', call: endedCall(callId, { startedAt: at, mediaStartedAt: at, sipCallIds }) });
        db.store.write({ op: 'metrics', metrics: sampleMetrics(callId, minute - 12) });
      }
      const others: readonly Call[] = [
        endedCall('list-other', { source: 'siprec', sourceName: '192.0.2.7', completeness: 'missing' }),
        endedCall('list-mixed', { source: 'siprec', sourceName: '192.0.2.8' }),
      ];
      for (const call of others)
        db.store.write({ op: 'call', call: { ...call, startedAt: '2024-01-01T00:00:00.000Z' } });
      for (const side of ['other', 'mixed'] as const) {
        const callId = `list-${side}`;
        const sentiment = { [side]: sampleSentiment(side === 'other' ? -3 : 0) };
        const figures = { talkMs: { [side]: 1 }, talkSpeedWpm: { [side]: 1 }, interruptions: { [side]: 0 } };
        db.store.write({ op: 'metrics', metrics: { ...sampleMetrics(callId, 0), ...figures, sentiment } });
        db.store.write({ op: 'utterance', utterance: sampleUtterance(callId, 'My parcels never came', { side }) });
        db.store.write({ op: 'finding', finding: sampleFinding(callId, { side }) });
      }
      db.store.write({ op: 'finding', finding: sampleFinding('list-11', { severity: 'high', side: 'callee' }) });
      db.store.write({ op: 'finding', finding: sampleFinding('list-12', { severity: 'low', ruleId: 'greeting' }) });
      db.store.write({ op: 'utterance', utterance: sampleUtterance('list-13', 'My parcels never came') });
      await db.flush();

      const period = { from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z' };
      const ids = async (filter: CallFilter): Promise<readonly string[]> =>
        (await db.calls.list({ ...period, ...filter })).items.map((item) => item.call.callId);
      const first = await db.calls.list({ ...period, limit: 2 });
      expect(first.items.map((item) => item.call.callId)).toEqual(['list-14', 'list-13']);
      const second = await db.calls.list({ ...period, limit: 2, after: first.next ?? '' });
      expect(second.items.map((item) => item.call.callId)).toEqual(['list-12', 'list-11']);
      const last = await db.calls.list({ ...period, limit: 2, after: second.next ?? '' });
      expect(last).toMatchObject({ items: [{ call: { callId: 'list-10' } }], next: null });

      expect(second.items[1]).toMatchObject({
        findings: 1,
        worstSeverity: 'high',
        sentiment: { caller: -1, callee: null },
        utterances: 0,
        hasRecording: false,
      });
      expect(await ids({ minSeverity: 'medium' })).toEqual(['list-11']);
      expect(await ids({ minSeverity: 'low', side: 'caller' })).toEqual(['list-12']);
      expect(await ids({ sipCallId: 'in-12@example.org' })).toEqual(['list-12']);
      expect(await ids({ sipCallId: 'out-13@example.org', text: 'parcel' })).toEqual(['list-13']);
      expect(await ids({ sipCallId: 'out-1' })).toEqual([]);
      expect(await ids({ rule: 'greeting' })).toEqual(['list-12']);
      expect(await ids({ sentiment: 'negative' })).toEqual(['list-11', 'list-10']);
      expect(await ids({ sentiment: 'neutral' })).toEqual(['list-12']);
      expect(await ids({ text: 'parcel' })).toEqual(['list-13']);
      expect(await ids({ text: 'parcel', side: 'callee' })).toEqual([]);
      expect(await ids({ side: 'caller' })).toEqual(['list-13']);
      expect(await ids({ party: 'EXAMPLE', state: 'ended', limit: 1 })).toEqual(['list-14']);
      expect(await ids({ party: '100%_d', side: 'callee', limit: 1 })).toEqual(['list-14']);
      expect(await ids({ party: '100_', limit: 1 })).toEqual([]);
      expect(await ids({ party: 'ann', side: 'callee' })).toEqual([]);

      const earlier = { from: '2024-01-01T00:00:00Z', to: '2024-01-02T00:00:00Z' };
      expect(await ids({ ...earlier, source: 'siprec' })).toEqual(['list-other', 'list-mixed']);
      expect(await ids({ ...earlier, source: 'b2bua' })).toEqual([]);
      expect(await ids({ ...earlier, sourceName: '192.0.2.8' })).toEqual(['list-mixed']);
      expect(await ids({ ...earlier, completeness: 'missing' })).toEqual(['list-other']);
      expect(await ids({ ...earlier, side: 'mixed' })).toEqual(['list-mixed']);
      expect(await ids({ ...earlier, side: 'other', sentiment: 'negative' })).toEqual(['list-other']);
      expect(await ids({ ...earlier, side: 'mixed', sentiment: 'neutral' })).toEqual(['list-mixed']);
      expect(await ids({ ...earlier, side: 'mixed', sentiment: 'negative' })).toEqual([]);
      expect(await ids({ ...earlier, side: 'other', rule: 'refund' })).toEqual(['list-other']);
      expect(await ids({ ...earlier, side: 'other', text: 'parcel' })).toEqual(['list-other']);
      expect((await db.calls.list({ ...earlier, source: 'siprec' })).items.map((item) => item.sentiment)).toEqual([
        { other: -3 },
        { mixed: 0 },
      ]);
      await expect(ids({ limit: 0 })).rejects.toMatchObject({ code: 'bad-request' });
      await expect(ids({ after: 'rubbish' })).rejects.toMatchObject({ code: 'bad-request' });
      await expect(ids({ from: 'yesterday' })).rejects.toMatchObject({ code: 'bad-request' });
    });

    test('a removed call is gone with all its rows, and stays gone', async () => {
      db.store.write({ op: 'call', call: endedCall('gone') });
      db.store.write({ op: 'utterance', utterance: sampleUtterance('gone', 'vanishing words') });
      await db.flush();
      expect(await db.calls.remove('gone')).toBe(true);
      db.store.write({ op: 'utterance', utterance: sampleUtterance('gone', 'too late') });
      await db.flush();
      expect(await db.calls.get('gone')).toBeUndefined();
      expect((await db.utterances.search({ q: 'vanishing' })).items).toEqual([]);
      expect(await db.calls.remove('gone')).toBe(false);
    });

    test('users, keys, sessions and exports', async () => {
      const user = await db.users.add({ name: 'Zoe', role: 'reader', password: 'a long password' });
      await expect(db.users.add({ name: 'zoe', role: 'admin', password: 'a long password' })).rejects.toMatchObject({
        code: 'bad-request',
      });
      await expect(db.users.add({ name: 'Yan', role: 'admin', password: 'short' })).rejects.toMatchObject({
        code: 'bad-request',
      });
      expect(await db.users.authenticate('ZOE', 'a long password')).toMatchObject({ userId: user.userId });
      expect(await db.users.authenticate('Zoe', 'a wrong password')).toBeUndefined();
      expect(await db.users.authenticate('No\0body', 'a long password')).toBeUndefined();

      const actor = { kind: 'user', id: user.userId, name: user.name } as const;
      const { token } = await db.sessions.create(actor, 60);
      await db.users.update(user.userId, { role: 'admin' });
      expect(await db.sessions.find(token)).toMatchObject({ actor, role: 'admin' });
      expect(await db.sessions.find((await db.sessions.create(actor, -1)).token)).toBeUndefined();
      await db.users.update(user.userId, { disabled: true });
      expect(await db.sessions.find(token)).toBeUndefined();
      expect(await db.users.authenticate('Zoe', 'a long password')).toBeUndefined();

      const { key, secret } = await db.keys.add({ name: 'pbx', role: 'reader' });
      expect(await db.keys.authenticate(secret)).toMatchObject({ keyId: key.keyId, role: 'reader' });
      await db.keys.revoke(key.keyId);
      expect(await db.keys.authenticate(secret)).toBeUndefined();

      // A disk that refuses the file: there is then no key in the database that nobody holds.
      mkdirSync(join(storage.dataDir, 'admin-key.new'));
      await expect(db.keys.ensureAdminKey()).rejects.toThrow('EISDIR');
      rmdirSync(join(storage.dataDir, 'admin-key.new'));
      const admin = await db.keys.ensureAdminKey();
      expect(admin).toMatchObject({ created: true, key: { role: 'admin', firstStart: true } });
      expect(await db.keys.ensureAdminKey()).toEqual({ ...admin, created: false });
      const first = { kind: 'first-start-key', id: admin.key?.keyId ?? '', name: 'first start' } as const;
      const link = await db.sessions.createLink(first, 60);
      expect(await db.sessions.redeemLink(link)).toEqual({ actor: first, role: 'admin' });
      expect(await db.sessions.redeemLink(link)).toBeUndefined();

      const record = {
        exportId: 'e1',
        madeBy: actor,
        madeAt: '2026-11-25T12:00:00.000Z',
        scope: { call: 'whole' },
        calls: 1,
        files: 3,
        bytes: 5_000_000_000,
        manifestSha256: 'cd'.repeat(32),
      };
      await db.exports.add(record);
      expect(await db.exports.get('e1')).toEqual({ ...record, goneBecause: null });
      expect(await db.exports.list({})).toEqual({ items: [{ ...record, goneBecause: null }], next: null });
    });
  });
}
