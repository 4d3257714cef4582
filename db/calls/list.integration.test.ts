import { describe, expect, test } from 'vitest';
import type { Call } from '#analytics/types.ts';
import { endedCall, sampleFinding, sampleMetrics, sampleSentiment, sampleUtterance } from '../test/samples.ts';
import { useDatabase } from '../test/house.ts';
import { databaseKinds } from '../test/storage.ts';
import type { CallFilter } from '../types.ts';

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`the list of calls on ${kind.name}`, () => {
    const house = useDatabase(kind);

    test('lists calls newest first, page after page, by every filter', async () => {
      for (const minute of [10, 11, 12, 13, 14]) {
        const callId = `list-${minute}`;
        const at = `2025-01-01T00:${minute}:00.000Z`;
        const sipCallIds = [`in-${minute}@example.org`, `out-${minute}@example.org`];
        house.db.store.write({
          op: 'call',
          call: endedCall(callId, { startedAt: at, mediaStartedAt: at, sipCallIds }),
        });
        house.db.store.write({ op: 'metrics', metrics: sampleMetrics(callId, minute - 12) });
      }
      house.db.store.write({ op: 'finding', finding: sampleFinding('list-11', { severity: 'high', side: 'callee' }) });
      house.db.store.write({
        op: 'finding',
        finding: sampleFinding('list-12', { severity: 'low', ruleId: 'greeting' }),
      });
      house.db.store.write({ op: 'utterance', utterance: sampleUtterance('list-13', 'My parcels never came') });
      await house.db.flush();

      const period = { from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z' };
      const ids = async (filter: CallFilter): Promise<readonly string[]> =>
        (await house.db.calls.list({ ...period, ...filter })).items.map((item) => item.call.callId);
      const first = await house.db.calls.list({ ...period, limit: 2 });
      expect(first.items.map((item) => item.call.callId)).toEqual(['list-14', 'list-13']);
      const second = await house.db.calls.list({ ...period, limit: 2, after: first.next ?? '' });
      expect(second.items.map((item) => item.call.callId)).toEqual(['list-12', 'list-11']);
      const last = await house.db.calls.list({ ...period, limit: 2, after: second.next ?? '' });
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
      for (const odd of [{ party: '\0' }, { rule: '\0' }, { sipCallId: '\0' }, { sourceName: '\0' }])
        expect(await ids(odd)).toEqual([]);
      expect((await house.db.audit.list({ actorId: '\0', limit: 1 })).items).toEqual([]);
      await expect(ids({ limit: 0 })).rejects.toMatchObject({ code: 'bad-request' });
      await expect(ids({ after: 'rubbish' })).rejects.toMatchObject({ code: 'bad-request' });
      await expect(ids({ from: 'yesterday' })).rejects.toMatchObject({ code: 'bad-request' });
    });

    test('finds calls by who sent them, by what came of them, and by any side', async () => {
      const from = { startedAt: '2024-01-01T00:00:00.000Z', source: 'siprec' } as const;
      const calls: readonly Call[] = [
        endedCall('list-other', { ...from, sourceName: '192.0.2.7', completeness: 'missing' }),
        endedCall('list-mixed', { ...from, sourceName: '192.0.2.8' }),
      ];
      for (const call of calls) house.db.store.write({ op: 'call', call });
      for (const side of ['other', 'mixed'] as const) {
        const callId = `list-${side}`;
        const sentiment = { [side]: sampleSentiment(side === 'other' ? -3 : 0) };
        const figures = { talkMs: { [side]: 1 }, talkSpeedWpm: { [side]: 1 }, interruptions: { [side]: 0 } };
        house.db.store.write({ op: 'metrics', metrics: { ...sampleMetrics(callId, 0), ...figures, sentiment } });
        house.db.store.write({
          op: 'utterance',
          utterance: sampleUtterance(callId, 'My parcels never came', { side }),
        });
        house.db.store.write({ op: 'finding', finding: sampleFinding(callId, { side }) });
      }
      await house.db.flush();

      const period = { from: '2024-01-01T00:00:00Z', to: '2024-01-02T00:00:00Z' };
      const ids = async (filter: CallFilter): Promise<readonly string[]> =>
        (await house.db.calls.list({ ...period, ...filter })).items.map((item) => item.call.callId);
      expect(await ids({ source: 'siprec' })).toEqual(['list-other', 'list-mixed']);
      expect(await ids({ source: 'b2bua' })).toEqual([]);
      expect(await ids({ sourceName: '192.0.2.8' })).toEqual(['list-mixed']);
      expect(await ids({ completeness: 'missing' })).toEqual(['list-other']);
      expect(await ids({ side: 'mixed' })).toEqual(['list-mixed']);
      expect(await ids({ side: 'other', sentiment: 'negative' })).toEqual(['list-other']);
      expect(await ids({ side: 'mixed', sentiment: 'neutral' })).toEqual(['list-mixed']);
      expect(await ids({ side: 'mixed', sentiment: 'negative' })).toEqual([]);
      expect(await ids({ side: 'other', rule: 'refund' })).toEqual(['list-other']);
      expect(await ids({ side: 'other', text: 'parcel' })).toEqual(['list-other']);
      expect((await house.db.calls.list({ ...period, source: 'siprec' })).items.map((item) => item.sentiment)).toEqual([
        { other: -3 },
        { mixed: 0 },
      ]);
    });
  });
}
