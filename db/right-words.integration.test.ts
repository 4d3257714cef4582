import { describe, expect, test } from 'vitest';
import type { EarlierText, StoredCall, Utterance } from '#analytics/types.ts';
import { endedCall, sampleRecording, sampleRedaction, sampleUtterance } from './test/samples.ts';
import { useDatabase } from './test/house.ts';
import { databaseKinds } from './test/storage.ts';

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`right words on ${kind.name}`, () => {
    const house = useDatabase(kind);
    const write = (callId: string, recorded = true): void => {
      house.db.store.write({ op: 'call', call: endedCall(callId, { endedAt: '2026-05-01T12:00:00.000Z' }) });
      const utterance = sampleUtterance(callId, 'ask for a con crow', { utteranceId: `${callId}-u`, side: 'caller' });
      house.db.store.write({ op: 'utterance', utterance });
      if (recorded) house.db.store.write({ op: 'recording', callId, recording: sampleRecording });
    };
    const load = async (callId: string): Promise<StoredCall> => {
      const stored = await house.db.archive.load(callId);
      if (stored === undefined) throw new Error(`no call ${callId}`);
      return stored;
    };
    const kept = ({ utteranceId, callId, text, words, confidence, language, revision }: Utterance): EarlierText => {
      const replacedAt = '2026-05-02T08:00:00.123Z';
      return { utteranceId, callId, text, words, confidence, language, revision, replacedAt };
    };
    const reword = (before: StoredCall): StoredCall => {
      const utterances = before.utterances.map((utterance): Utterance => {
        return { ...utterance, text: 'ask for Okonkwo', revision: 2, textBy: 'person' };
      });
      return { ...before, utterances, earlier: before.utterances.map(kept) };
    };
    const learnt = { utteranceId: 'u', heard: 'a con crow', corrected: 'Okonkwo' };

    test('a corrected text is found, the first is kept, both are wiped with the call', async () => {
      write('reworded');
      const before = await load('reworded');
      expect(before.earlier).toEqual([]);
      await house.db.archive.replace(before, reword(before), [learnt]);
      expect(await load('reworded')).toEqual(reword(before));
      expect(await house.db.calls.earlierTexts('reworded', 'reworded-u')).toEqual(reword(before).earlier);
      const found = await house.db.utterances.search({ q: 'okonkwo', callId: 'reworded' });
      expect(found.items).toMatchObject([{ utterance: { text: 'ask for Okonkwo', revision: 2, textBy: 'person' } }]);
      expect((await house.db.utterances.search({ q: 'crow', callId: 'reworded' })).items).toEqual([]);

      // What was masked afterwards is masked in the kept text too; no export holds it any longer.
      const shared = await load('reworded');
      await house.db.exports.hold('export', 'reworded');
      const masked = shared.earlier.map((earlier) => ({ ...earlier, text: 'ask for [DIGITS]', words: [] }));
      const redactions = [...shared.redactions, sampleRedaction('reworded', { redactionId: 'late' })];
      await house.db.archive.replace(shared, { ...shared, earlier: masked, redactions });
      expect(await house.db.calls.earlierTexts('reworded', 'reworded-u')).toEqual(masked);

      await house.db.calls.remove('reworded');
      expect(await house.db.calls.earlierTexts('reworded', 'reworded-u')).toEqual([]);
      expect((await house.db.phrases.suggestions()).filter(({ corrected }) => corrected === 'Okonkwo')).toEqual([]);
    });

    test('what was corrected often is suggested first, until it is in the list', async () => {
      for (const callId of ['one', 'two']) {
        write(callId);
        const before = await load(callId);
        const both = callId === 'one' ? [learnt, { ...learnt, heard: 'tern', corrected: 'Tarn' }] : [learnt];
        await house.db.archive.replace(before, reword(before), both);
      }
      const heard = async (): Promise<readonly string[]> =>
        (await house.db.phrases.suggestions()).map((each) => `${each.heard} -> ${each.corrected}: ${each.count}`);
      expect(await heard()).toEqual(['a con crow -> Okonkwo: 2', 'tern -> Tarn: 1']);
      const added = await house.db.phrases.add('  okonkwo ', 'first start');
      expect(added).toMatchObject({ phrase: 'okonkwo', addedBy: 'first start' });
      expect(await heard()).toEqual(['tern -> Tarn: 1']);
      await house.db.phrases.add('Okonkwo', 'maria');
      expect(await house.db.phrases.list()).toMatchObject([{ phrase: 'Okonkwo', addedBy: 'maria' }]);
      expect(house.db.phrases.current).toEqual(['Okonkwo']);
      await expect(house.db.phrases.add('4111 1111', 'maria')).rejects.toMatchObject({ code: 'bad-request' });
      expect(await house.db.phrases.remove('OKONKWO')).toBe(true);
      expect(await house.db.phrases.remove('OKONKWO')).toBe(false);
      expect(house.db.phrases.current).toEqual([]);
    });

    test('a call waits for its second pass until it had one, and while its next attempt is not due', async () => {
      const { secondPasses: store } = house.db;
      write('silent', false);
      write('recorded');
      await house.db.flush();
      const at = '2026-05-01T13:00:00.000Z';
      const mine = async (when: string): Promise<readonly string[]> => {
        const ids: string[] = [];
        for (let due = await store.next(when); due !== undefined; due = await store.next(when)) {
          ids.push(`${due.callId} ${due.attempts}`);
          await store.settle(due.callId, { state: 'done' });
        }
        return ids;
      };
      expect(await store.waiting('2026-05-03T00:00:00.000Z')).toBe(0);
      const retry = { state: 'waiting', attempts: 1, nextAt: '2026-05-04T00:00:00.000Z', fault: 'x' } as const;
      await store.settle('recorded', retry);
      expect(await mine(at)).not.toContain('recorded 1');
      expect(await store.waiting('2026-05-03T00:00:00.000Z')).toBe(1);
      expect(await mine('2026-05-05T00:00:00.000Z')).toEqual(['recorded 1']);
      await store.settle('gone', { state: 'done' });
      expect(await store.waiting(at)).toBe(0);
    });
  });
}
