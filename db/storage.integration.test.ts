import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Call, CallMetrics } from '#analytics/types.ts';
import type { Party } from '#sip/types.ts';
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
import { useDatabase } from './test/house.ts';
import { databaseKinds } from './test/storage.ts';

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`calls on ${kind.name}`, () => {
    const house = useDatabase(kind);

    test('a call is stored whatever its sender put into its names', async () => {
      const odd = 'Ann\0 \ud800 of "\\u0000"';
      const kept = 'Ann\ufffd \ufffd of "\\u0000"';
      const call = endedCall('odd');
      const parties = call.parties.map((party): Party => ({ ...party, displayName: odd }));
      const notes = [{ atMs: 1, note: 'paused', detail: odd }];
      const headers = { 'X-Name': odd };
      house.db.store.write({
        op: 'call',
        call: { ...call, parties, notes, headers, sourceName: odd, sipCallIds: [odd] },
      });
      house.db.store.write({ op: 'utterance', utterance: sampleUtterance('odd', 'Hello there.') });
      await house.db.flush();
      expect((await house.db.calls.get('odd'))?.call).toMatchObject({
        parties: parties.map(() => ({ displayName: kept })),
        notes: [{ detail: kept }],
        headers: { 'X-Name': kept },
        sourceName: kept,
        sipCallIds: [kept],
      });
      expect(await house.db.calls.transcript('odd')).toHaveLength(1);
    });

    test('gives back what was written', async () => {
      const call = endedCall('whole', { streams: null });
      const words = sampleUtterance('whole', 'Hello there.');
      const finding = sampleFinding('whole');
      const redaction = sampleRedaction('whole');
      const metrics = sampleMetrics('whole', -2.25);
      house.db.store.write({ op: 'call', call: sampleCall('whole', { state: 'ringing', answeredAt: null }) });
      house.db.store.write({ op: 'utterance', utterance: words });
      house.db.store.write({ op: 'finding', finding });
      house.db.store.write({ op: 'redaction', redaction });
      house.db.store.write({ op: 'metrics', metrics });
      house.db.store.write({ op: 'recording', callId: 'whole', recording: sampleRecording });
      house.db.store.write({ op: 'call', call });
      await house.db.flush();
      expect(await house.db.calls.get('whole')).toEqual({
        call,
        metrics,
        findings: [finding],
        redactions: [redaction],
        recording: sampleRecording,
      });
      expect(await house.db.calls.transcript('whole')).toEqual([words]);
      expect(await house.db.calls.get('nobody')).toBeUndefined();
    });

    test('a higher revision replaces, a lower one changes nothing, an ended call stays ended', async () => {
      const first = sampleUtterance('revised', 'one');
      house.db.store.write({ op: 'call', call: endedCall('revised') });
      house.db.store.write({ op: 'utterance', utterance: { ...first, text: 'two', revision: 2 } });
      await house.db.flush();
      house.db.store.write({ op: 'utterance', utterance: first });
      house.db.store.write({ op: 'call', call: sampleCall('revised') });
      await house.db.flush();
      expect((await house.db.calls.transcript('revised')).map((each) => each.text)).toEqual(['two']);
      expect((await house.db.calls.get('revised'))?.call.state).toBe('ended');
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
      house.db.store.write({ op: 'call', call: sampleCall('sides') });
      house.db.store.write({ op: 'metrics', metrics: mixed });
      await house.db.flush();
      expect(await house.db.calls.get('sides')).toMatchObject({ call: { parties: [caller, callee] } });
      expect(await house.db.calls.metrics('sides')).toEqual(mixed);
      house.db.store.write({ op: 'call', call });
      house.db.store.write({ op: 'metrics', metrics });
      await house.db.flush();
      expect(await house.db.calls.get('sides')).toMatchObject({ call, metrics });
      expect(await house.db.calls.metrics('sides')).toEqual(metrics);
      // Of an ended call nothing comes back, nor anybody.
      house.db.store.write({ op: 'call', call: sampleCall('sides') });
      await house.db.flush();
      expect((await house.db.calls.get('sides'))?.call).toEqual(call);
    });

    test('an op that the database refuses is set aside and holds up nothing', async () => {
      house.db.store.write({ op: 'call', call: endedCall('fine') });
      house.db.store.write({ op: 'finding', finding: sampleFinding('no-such-call') });
      // Not even a row can be made of this one.
      const broken = { ...sampleCall('broken'), parties: null } as unknown as Call;
      house.db.store.write({ op: 'call', call: broken });
      house.db.store.write({ op: 'finding', finding: sampleFinding('fine') });
      await house.db.flush();
      expect(await house.db.calls.findings('fine')).toHaveLength(1);
      expect(house.db.status().journal).toMatchObject({ refusedOps: 2, pendingOps: 0 });
      expect(readdirSync(join(house.storage.dataDir, 'journal', 'refused'))).toHaveLength(2);
    });

    test('what was set aside goes with its call, and its text when that is replaced', async () => {
      const aside = (): string => {
        const dir = join(house.storage.dataDir, 'journal', 'refused');
        return readdirSync(dir)
          .map((name) => readFileSync(join(dir, name), 'utf8'))
          .join();
      };
      house.db.store.write({ op: 'call', call: endedCall('aside') });
      for (const id of ['aside-1', 'aside-2']) {
        // No whole number: no database takes it for a revision.
        const broken = sampleUtterance('aside', `secret of ${id}`, { utteranceId: id, revision: 0.5 });
        house.db.store.write({ op: 'utterance', utterance: broken });
      }
      await house.db.flush();
      expect(aside()).toContain('secret of aside-1');
      const masked = sampleUtterance('aside', '[CARD]', { utteranceId: 'aside-1', revision: 2 });
      house.db.store.write({ op: 'rewrite-utterance', utterance: masked });
      expect(aside()).not.toContain('secret of aside-1');
      await house.db.flush();
      expect(aside()).toContain('secret of aside-2');
      expect(await house.db.calls.remove('aside')).toBe(true);
      expect(aside()).not.toContain('secret of aside-2');
    });

    test('a call deleted while its last writes are on their way stays deleted', async () => {
      // Around the moment at which a batch leaves the journal.
      for (const afterMs of [0, 3, 6, 9, 12, 15, 18, 21]) {
        const callId = `raced-${afterMs}`;
        house.db.store.write({ op: 'call', call: sampleCall(callId) });
        await house.db.flush();
        house.db.store.write({ op: 'call', call: endedCall(callId) });
        house.db.store.write({ op: 'utterance', utterance: sampleUtterance(callId, 'words') });
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        expect(await house.db.calls.remove(callId)).toBe(true);
        await house.db.flush();
        house.db.store.write({ op: 'call', call: endedCall('another') });
        await house.db.flush();
        expect(await house.db.calls.get(callId)).toBeUndefined();
      }
    });

    test('a removed call is gone with all its rows, and stays gone', async () => {
      house.db.store.write({ op: 'call', call: endedCall('gone') });
      house.db.store.write({ op: 'utterance', utterance: sampleUtterance('gone', 'vanishing words') });
      await house.db.flush();
      expect(await house.db.calls.remove('gone')).toBe(true);
      house.db.store.write({ op: 'utterance', utterance: sampleUtterance('gone', 'too late') });
      await house.db.flush();
      expect(await house.db.calls.get('gone')).toBeUndefined();
      expect((await house.db.utterances.search({ q: 'vanishing' })).items).toEqual([]);
      expect(await house.db.calls.remove('gone')).toBe(false);
    });
  });
}
