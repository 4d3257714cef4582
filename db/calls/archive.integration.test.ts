import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { CallMetrics, StoredCall, Utterance } from '#analytics/types.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { Party, PartySide } from '#sip/types.ts';
import { endedCall, sampleFinding, sampleMetrics, sampleRedaction, sampleUtterance } from '../test/samples.ts';
import { useDatabase } from '../test/house.ts';
import { databaseKinds } from '../test/storage.ts';

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`calls put right on ${kind.name}`, () => {
    const house = useDatabase(kind);

    const write = (callId: string): void => {
      house.db.store.write({ op: 'call', call: endedCall(callId) });
      for (const [index, side] of (['caller', 'callee', 'other'] as const).entries()) {
        const change = { utteranceId: `${callId}-${side}`, side, startMs: index * 1_000 };
        house.db.store.write({ op: 'utterance', utterance: sampleUtterance(callId, `words of ${side}`, change) });
      }
      house.db.store.write({ op: 'finding', finding: sampleFinding(callId, { findingId: `${callId}-old` }) });
      house.db.store.write({ op: 'redaction', redaction: sampleRedaction(callId, { redactionId: `${callId}-r` }) });
      house.db.store.write({ op: 'metrics', metrics: sampleMetrics(callId, 1) });
    };
    const load = async (callId: string): Promise<StoredCall> => {
      const stored = await house.db.archive.load(callId);
      if (stored === undefined) throw new Error(`no call ${callId}`);
      return stored;
    };
    const marked = async (): Promise<readonly string[]> => {
      const inspector = house.storage.inspect();
      const rows = await inspector.early.selectFrom('cleanings').select('table_name').execute();
      await inspector.end();
      return rows.map((row) => row.table_name).sort();
    };

    test('what is written is loaded at once, and replaced whole; a swap wipes no page', async () => {
      write('swapped');
      const before = await load('swapped');
      expect(before.utterances).toHaveLength(3);
      const after = swapped(before);
      await house.db.archive.replace(before, after);
      expect(await load('swapped')).toEqual(after);
      const callee = await house.db.utterances.search({ q: 'words', callId: 'swapped', side: 'callee' });
      expect(callee.items.map((hit) => hit.utterance.utteranceId)).toEqual(['swapped-caller']);
      expect(await marked()).toEqual([]);
      // What was loaded before that is no ground for another.
      await expect(house.db.archive.replace(before, after)).rejects.toMatchObject({ code: 'conflict' });
      expect(await load('swapped')).toEqual(after);
    });

    test('pages that held a text which was replaced are wiped', async () => {
      write('reworded');
      const before = await load('reworded');
      const reword = (utterance: Utterance): Utterance => ({ ...utterance, text: '[CARD]', revision: 2 });
      const findings = before.findings.map((finding) => ({ ...finding, evidence: '[CARD]' }));
      await house.db.archive.replace(before, { ...before, utterances: before.utterances.map(reword), findings });
      expect(await marked()).toEqual(['findings', 'utterances']);
      expect((await load('reworded')).utterances.map(({ text }) => text)).toEqual(['[CARD]', '[CARD]', '[CARD]']);
    });

    test('a call that was redacted or deleted since it was loaded is left as it is', async () => {
      write('redacted');
      const before = await load('redacted');
      const text = { utteranceId: 'redacted-caller', startMs: 0, revision: 2 };
      house.db.store.write({ op: 'rewrite-utterance', utterance: sampleUtterance('redacted', '[CARD]', text) });
      await expect(house.db.archive.replace(before, swapped(before))).rejects.toMatchObject({ code: 'conflict' });
      const now = await load('redacted');
      expect(now).toMatchObject({ call: { sidesSwapped: false }, utterances: [{ text: '[CARD]' }, {}, {}] });
      await house.db.calls.remove('redacted');
      await expect(house.db.archive.replace(now, swapped(now))).rejects.toMatchObject({ code: 'conflict' });
      expect(await house.db.archive.load('redacted')).toBeUndefined();
    });

    test('a late redaction in the midst of it is never undone', async () => {
      for (const afterMs of [0, 1, 2, 4, 8, 16, 32]) {
        const callId = `raced-${afterMs}`;
        write(callId);
        const before = await load(callId);
        const after = swapped(before);
        // The revision that the late redaction has too.
        const utterances = after.utterances.map((utterance) => ({ ...utterance, revision: 2 }));
        const replaced = house.db.archive.replace(before, { ...after, utterances }).then(
          () => 'done',
          (thrown: unknown) => (thrown instanceof SidetoneError ? thrown.code : String(thrown)),
        );
        await setTimeout(afterMs);
        const text = { utteranceId: `${callId}-caller`, startMs: 0, revision: 2 };
        house.db.store.write({ op: 'rewrite-utterance', utterance: sampleUtterance(callId, '[CARD]', text) });
        expect(['done', 'conflict']).toContain(await replaced);
        expect((await load(callId)).utterances[0]?.text).toBe('[CARD]');
      }
    });
  });
}

/** As a correction would: another finding, and everything of the caller the callee's. */
function swapped(stored: StoredCall): StoredCall {
  const { callId, parties } = stored.call;
  const swap = <Kept extends { readonly side: PartySide }>(kept: Kept): Kept => ({ ...kept, side: other(kept.side) });
  return {
    call: { ...stored.call, parties: parties.map((party): Party => swap(party)), sidesSwapped: true },
    metrics: stored.metrics === null ? null : swappedMetrics(stored.metrics),
    utterances: stored.utterances.map((utterance) => swap(utterance)),
    findings: [sampleFinding(callId, { findingId: `${callId}-new`, side: 'callee', startMs: 200, endMs: 300 })],
    redactions: stored.redactions.map((redaction) => swap(redaction)),
    earlier: stored.earlier,
  };
}

function swappedMetrics(metrics: CallMetrics): CallMetrics {
  const { caller, callee } = metrics.talkMs;
  return { ...metrics, talkMs: { caller: callee ?? 0, callee: caller ?? 0 } };
}

function other(side: PartySide): PartySide {
  if (side === 'caller') return 'callee';
  return side === 'callee' ? 'caller' : side;
}
