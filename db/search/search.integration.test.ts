import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresServer } from '#test/postgres.ts';
import { endedCall, sampleUtterance } from '../test/samples.ts';
import { databaseKinds, makeStorage, type Storage } from '../test/storage.ts';
import type { Database, SearchQuery } from '../types.ts';

const said = [
  ['refund', 'caller', 'I would like a refund for my last two orders, please.'],
  ['greeting', 'callee', 'Good morning, how are you today?'],
  ['card', 'caller', 'It is [CARD] and it expires [EXPIRY].'],
  ['late', 'callee', "The courier's parcel was refunded; <b>sorry</b> & goodbye."],
  ['the-end', 'caller', 'That is the end of the call.'],
  ['end-the', 'callee', 'Please end the call now.'],
] as const;

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`search on ${kind.name}`, () => {
    let server: PostgresServer | null;
    let storage: Storage;
    let db: Database;
    beforeAll(async () => {
      server = await kind.start();
      storage = makeStorage(await server?.createDatabase());
      db = await storage.open();
      db.store.write({ op: 'call', call: endedCall('c1') });
      said.forEach(([utteranceId, side, text], index) =>
        db.store.write({
          op: 'utterance',
          utterance: sampleUtterance('c1', text, { utteranceId, side, startMs: index * 1000 }),
        }),
      );
      await db.whenReady();
      await db.flush();
    });
    afterAll(async () => {
      await db.close();
      await server?.close();
      storage.remove();
    });

    const find = async (q: string, more: Partial<SearchQuery> = {}): Promise<readonly string[]> =>
      (await db.utterances.search({ q, ...more })).items.map((hit) => hit.utterance.utteranceId);

    test.each<[string, readonly string[]]>([
      // Stems; newest first.
      ['refunds', ['late', 'refund']],
      ['refund order', ['refund']],
      // Phrases: with stop words as said, without by stems, never the other way round.
      ['"how are you"', ['greeting']],
      ['"end of the call"', ['the-end']],
      ['"end the call"', ['end-the']],
      ['"last two order"', ['refund']],
      ['"two last orders"', []],
      // Negation and alternatives.
      ['refund -parcel', ['refund']],
      ['refund -"last two"', ['late']],
      ['call -"end of the"', ['end-the']],
      ['courier or "how are you"', ['late', 'greeting']],
      ['OR courier OR', ['late']],
      // Stop words are ignored beside others, and looked up when there is nothing else.
      ['the refund of', ['late', 'refund']],
      ['you', ['greeting']],
      // Prefix; masks; nothing to look for.
      ['refu*', ['late', 'refund']],
      ['[CARD]', ['card']],
      ['-refund', []],
      ['!!! ***', []],
      ['', []],
      // What would be operators of a tsquery is text.
      ['refund & ! | <-> :* (', ['late', 'refund']],
      [`"how's" or '; drop table utterances --`, []],
    ])('%s', async (q, expected) => {
      expect(await find(q)).toEqual(expected);
    });

    test('is found as it is written and as it was said, and lit up where it stands', async () => {
      const words = [
        { text: 'come', startMs: 0, endMs: 90, confidence: 0.9 },
        { text: 'at', startMs: 100, endMs: 190, confidence: 0.9 },
        { text: '4:30', spoken: 'four thirty', startMs: 200, endMs: 390, confidence: 0.9 },
        { text: 'with', startMs: 400, endMs: 490, confidence: 0.9 },
        { text: '$50', spoken: 'fifty dollars', startMs: 500, endMs: 690, confidence: 0.9 },
      ];
      const write = (utteranceId: string, text: string, change = {}): void =>
        db.store.write({ op: 'utterance', utterance: sampleUtterance('c1', text, { utteranceId, ...change }) });
      write('written', 'come at 4:30 with $50', { words, startMs: 40_000 });
      write('as-said', 'come at four thirty with fifty dollars', { startMs: 41_000 });
      write('by-recogniser', 'come at 4:30, with $50', { startMs: 42_000 });
      await db.flush();
      const all = ['by-recogniser', 'as-said', 'written'];
      for (const q of ['4:30', '"four thirty"', 'four thirty', '$50', '"fifty dollars"', 'fifty', 'come "at 4:30" $50'])
        expect([q, await find(q)]).toEqual([q, all]);
      expect(await find('"four fifty"')).toEqual([]);
      expect(await find('"four thirty with fifty"')).toEqual(all);
      expect(await find('come -4:30')).toEqual([]);
      expect(await find('come -"four thirty"')).toEqual([]);
      expect(await find('fifty', { order: 'relevance' })).toHaveLength(3);
      const lit = async (q: string): Promise<readonly (readonly string[])[]> =>
        (await db.utterances.search({ q })).items.map(({ utterance, highlights }) =>
          highlights.map((range) => utterance.text.slice(range.startChar, range.endChar)),
        );
      expect(await lit('"four thirty"')).toEqual([['4:30,'], ['four', 'thirty'], ['4:30']]);
      expect((await lit('$50')).map((each) => each.join(' '))).toEqual(['$50', 'fifty dollars', '$50']);
      // Late redaction takes both forms.
      const rewritten = sampleUtterance('c1', 'come at [DIGITS]', {
        utteranceId: 'written',
        revision: 2,
        startMs: 40_000,
      });
      db.store.write({ op: 'rewrite-utterance', utterance: rewritten });
      await db.flush();
      expect(await find('four thirty')).toEqual(['by-recogniser', 'as-said']);
    });

    test('narrows by side, call and time', async () => {
      expect(await find('refund', { side: 'callee' })).toEqual(['late']);
      expect(await find('refund', { callId: 'c2' })).toEqual([]);
      expect(await find('refund', { from: '2026-11-25T10:00:06Z' })).toEqual(['late']);
      expect(await find('refund', { to: '2026-11-25T10:00:06Z' })).toEqual(['refund']);
      await expect(find('x'.repeat(501))).rejects.toMatchObject({ code: 'bad-request' });
      await expect(find('x '.repeat(25))).rejects.toMatchObject({ code: 'bad-request' });
    });

    test('pages stay put while calls go on: of what was there nothing comes twice, nothing is left out', async () => {
      const write = (utteranceId: string, startMs: number): void =>
        db.store.write({
          op: 'utterance',
          utterance: sampleUtterance('c1', 'marmalade', { utteranceId, startMs }),
        });
      // All said in the same instant: their ids alone tell them apart.
      const ids = ['m1', 'm2', 'm3', 'm4', 'm5'];
      for (const id of ids) write(id, 60_000);
      await db.flush();
      const seen: string[] = [];
      let after: string | undefined;
      for (let page = 0; page < 5; page += 1) {
        const { items, next } = await db.utterances.search({ q: 'marmalade', limit: 1, after });
        seen.push(...items.map((hit) => hit.utterance.utteranceId));
        after = next ?? undefined;
        // Newer, older, and between the pages.
        write(`newer-${page}`, 90_000 + page);
        db.store.write({
          op: 'rewrite-utterance',
          utterance: sampleUtterance('c1', 'marmalade and toast', {
            utteranceId: seen[0] ?? '',
            startMs: 60_000,
            revision: page + 2,
          }),
        });
        await db.flush();
      }
      expect(seen).toEqual(ids.toReversed());
      expect(after).toBeUndefined();
    });

    test('pages through, newest first', async () => {
      const first = await db.utterances.search({ q: 'call or refund', limit: 3 });
      const second = await db.utterances.search({ q: 'call or refund', limit: 3, after: first.next ?? '' });
      const ids = [...first.items, ...second.items].map((hit) => hit.utterance.utteranceId);
      expect(ids).toEqual(['end-the', 'the-end', 'late', 'refund']);
      expect(second.next).toBeNull();
    });

    test('says where the words are, and when they were said', async () => {
      const lit = async (q: string): Promise<readonly string[]> => {
        const [hit] = (await db.utterances.search({ q })).items;
        return (hit?.highlights ?? []).map((range) => hit?.utterance.text.slice(range.startChar, range.endChar) ?? '');
      };
      expect(await lit('refunding order -foo')).toEqual(['refund', 'orders']);
      expect(await lit('sorry')).toEqual(['sorry']);
      expect(await lit('"how are you"')).toEqual(['how', 'are', 'you']);
      const [hit] = (await db.utterances.search({ q: 'courier' })).items;
      expect(hit).toMatchObject({ saidAt: '2026-11-25T10:00:08.000Z', callStartedAt: '2026-11-25T10:00:00.000Z' });
    });

    test('by relevance, the utterance with more of it comes first', async () => {
      const more = sampleUtterance('c1', 'refund, refund, refund', { utteranceId: 'more', startMs: 10 });
      db.store.write({ op: 'utterance', utterance: more });
      await db.flush();
      expect(await find('refund', { order: 'relevance' })).toEqual(['more', 'late', 'refund']);
      expect(await find('refund')).toEqual(['late', 'more', 'refund']);
    });
  });
}
