import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Utterance } from '#analytics/types.ts';
import { useDatabase } from '../test/house.ts';
import { endedCall, sampleMetrics, sampleSentiment, sampleUtterance } from '../test/samples.ts';
import { databaseKinds } from '../test/storage.ts';
import { createVoiceCipher } from './voice-cipher.ts';

const vector = Float32Array.from({ length: 192 }, (_, index) => Math.fround(Math.sin(index)));
const consent = { givenBy: 'Anna', givenAt: '2026-11-01T10:00:00.000Z', how: 'signed form', reference: 'HR 114' };
const anna = { name: 'Anna', consent, enrolledBy: 'admin', voiceprint: { vector, modelId: 'm', speechS: 12.5 } };

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`speakers on ${kind.name}`, () => {
    const house = useDatabase(kind);

    const spoken = (callId: string, text: string, change: Partial<Utterance>): Utterance => {
      const utterance = sampleUtterance(callId, text, { side: 'mixed', partyId: null, ...change });
      house.db.store.write({ op: 'utterance', utterance });
      return utterance;
    };

    test('a voice is kept encrypted, listed with its consent, and gone for good with the names that rested on it', async () => {
      const { db } = house;
      const { speakerId, ...enrolled } = await db.speakers.add(anna);
      expect(enrolled).toMatchObject({ name: 'Anna', consent, enrolledBy: 'admin', lastUsedAt: null, speechS: 12.5 });
      expect(await db.speakers.list()).toEqual([{ speakerId, ...enrolled }]);
      await expect(db.speakers.add({ ...anna, name: 'ANNA' })).rejects.toMatchObject({ code: 'conflict' });
      expect(await db.speakers.voiceprints()).toEqual([{ speakerId, name: 'Anna', voiceprint: anna.voiceprint }]);
      await db.speakers.used([speakerId]);
      expect((await db.speakers.list())[0]?.lastUsedAt).not.toBeNull();

      const inspector = house.storage.inspect();
      const { rows } = await sql<{ voiceprint: Buffer }>`select voiceprint from speakers`.execute(inspector.early);
      const sealed = Buffer.from(rows[0]?.voiceprint ?? '');
      expect(sealed.includes(Buffer.from(vector.buffer).subarray(0, 16))).toBe(false);
      // Neither with another key nor for another speaker.
      expect(createVoiceCipher('/nonexistent').open(speakerId, sealed)).toBeUndefined();
      expect(createVoiceCipher(house.storage.dataDir).open('somebody else', sealed)).toBeUndefined();
      const key = join(house.storage.dataDir, 'keys/voices.key');
      expect(readFileSync(key)).toHaveLength(32);
      expect(statSync(key).mode & 0o777).toBe(0o600);

      db.store.write({ op: 'call', call: endedCall('named') });
      const match = { speakerId, probability: 0.98 };
      const voice = { label: '1', overlaps: false, unnamed: 'Speaker 1', match };
      const byVoice = spoken('named', 'good morning', { speaker: 'Anna', voice });
      const byPerson = spoken('named', 'hello', { speaker: 'Anna', voice: { ...voice, label: '2', match: null } });
      await db.flush();
      await db.exports.hold('an export', 'named');
      expect((await db.calls.transcript('named')).map((each) => each.voice)).toEqual([voice, byPerson.voice]);

      const heard = async (speaker: string) => (await db.utterances.search({ q: 'morning', speaker })).items.length;
      expect(await heard('anna')).toBe(1);
      expect(await db.speakers.remove(speakerId)).toEqual({ calls: 1 });
      expect([await heard('anna'), await heard('Speaker 1')]).toEqual([0, 1]);
      expect(await db.speakers.list()).toEqual([]);
      expect(await db.calls.transcript('named')).toEqual([
        { ...byVoice, speaker: 'Speaker 1', revision: 2, voice: { ...voice, match: null } },
        byPerson,
      ]);
      const gone = await sql<{ why: string }>`select gone_because as why from export_calls`.execute(inspector.early);
      expect(gone.rows).toEqual([{ why: 'consent-withdrawn' }]);
      await expect
        .poll(async () => (await sql`select 1 from cleanings`.execute(inspector.early)).rows, { timeout: 20_000 })
        .toEqual([]);
      await inspector.end();
      expect(await db.speakers.remove(speakerId)).toBeUndefined();
    });

    test('a turn that is parted between its speakers leaves no pages to be wiped; figures by speaker come back', async () => {
      const { db } = house;
      db.store.write({ op: 'call', call: endedCall('parted') });
      const whole = spoken('parted', 'yes of course thanks', {});
      const speaker = {
        side: 'mixed',
        label: '1',
        talkMs: 900,
        talkSpeedWpm: 120,
        interruptions: 0,
        sentiment: sampleSentiment(1),
      } as const;
      const metrics = { ...sampleMetrics('parted', 1), speakers: [speaker] };
      db.store.write({ op: 'metrics', metrics });
      await db.flush();
      db.store.write({ op: 'utterance', utterance: { ...whole, text: 'yes of course', revision: 2 } });
      await db.flush();
      expect((await db.calls.transcript('parted'))[0]?.text).toBe('yes of course');
      expect(await db.calls.metrics('parted')).toEqual(metrics);
      const inspector = house.storage.inspect();
      expect((await sql`select 1 from cleanings`.execute(inspector.early)).rows).toEqual([]);
      await inspector.end();
    });
  });
}
