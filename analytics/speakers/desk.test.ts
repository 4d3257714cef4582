import { describe, expect, test } from 'vitest';
import type { Voiceprint, VoiceVerifier } from '#asr/types.ts';
import { SidetoneError } from '#lib/errors.ts';
import { silentLogger } from '#lib/log.ts';
import { newId } from '#lib/ids.ts';
import { copiedCall } from '../testing/samples.ts';
import { report } from '../testing/house.ts';
import type { EnrolledSpeaker, SpeakerStore, Utterance, VoiceSource } from '../types.ts';
import { createSpeakerDesk } from './desk.ts';

/** A voice is a level: whoever speaks says the same sample over and over. */
const verifier: VoiceVerifier = {
  enrol: ([pcm]) => hear(pcm ?? new Int16Array(0), 48_000),
  hear: (pcm) => hear(pcm, 12_000),
  compare: (voiceprint, { vector, speechS }) => {
    const same = vector[0] === voiceprint.vector[0];
    return { score: same ? 1 : 0, probability: same ? 0.97 : 0.02, decision: same ? 'same' : 'other', speechS };
  },
};
function hear(pcm: Int16Array, leastSamples: number): Promise<Voiceprint> {
  if (pcm.length < leastSamples) return Promise.reject(new SidetoneError('too-little-speech', `${pcm.length}`));
  const mixed = pcm.some((sample) => sample !== pcm[0]);
  const vector = new Float32Array([mixed ? -1 : (pcm[0] ?? 0)]);
  return Promise.resolve({ vector, modelId: 'm', speechS: pcm.length / 8000 });
}

const consent = { givenBy: 'Anna', givenAt: '2026-11-01T10:00:00.000Z', how: 'signed form', reference: null };
const anna = { name: 'Anna', consent, enrolledBy: 'admin' };

/** The store in memory, and a recording: left 1 s of each number, right the number negated. */
function house(left: readonly number[]) {
  const rows = new Map<string, { speaker: EnrolledSpeaker; voiceprint: Voiceprint }>();
  const usedIds: string[] = [];
  const recorded: string[] = [];
  const store: SpeakerStore = {
    list: () => Promise.resolve([...rows.values()].map(({ speaker }) => speaker)),
    add: ({ voiceprint, ...rest }) => {
      const { modelId, speechS } = voiceprint;
      const speaker = { ...rest, speakerId: newId(), enrolledAt: '', lastUsedAt: null, modelId, speechS };
      rows.set(speaker.speakerId, { speaker, voiceprint });
      return Promise.resolve(speaker);
    },
    voiceprints: () =>
      Promise.resolve(
        [...rows.values()].map(({ speaker: { speakerId, name }, voiceprint }) => ({ speakerId, name, voiceprint })),
      ),
    used: (ids) => Promise.resolve(void usedIds.push(...ids)),
    remove: (id) => Promise.resolve(rows.delete(id) ? { calls: 0 } : undefined),
  };
  async function* readSound() {
    for (const level of left) {
      await Promise.resolve();
      yield [new Int16Array(8000).fill(level), new Int16Array(8000).fill(-level)];
    }
  }
  const utterances: Utterance[] = [];
  const desk = createSpeakerDesk({
    store,
    verifier: () => Promise.resolve(verifier),
    readSound,
    recordingPath: (path) => `/data/${path}`,
    calls: {
      get: (id) => Promise.resolve(id === 'call' ? { call: copiedCall, recording: report } : undefined),
      transcript: () => Promise.resolve(utterances),
    },
    isLive: (id) => id === 'live',
    onRecord: (_callId, speakerIds) => Promise.resolve(void recorded.push(...speakerIds)),
    logger: silentLogger,
  });
  return { desk, usedIds, recorded, utterances };
}
const spoken = (side: Utterance['side'], startS: number, endS: number, label: string | null = null): Utterance => ({
  utteranceId: newId(),
  callId: 'call',
  side,
  partyId: null,
  speaker: side,
  startMs: startS * 1000,
  endMs: endS * 1000,
  text: '',
  words: [],
  confidence: 1,
  language: 'en',
  sentiment: 0,
  revision: 1,
  ...(label === null ? {} : { voice: { label, overlaps: false, unnamed: label, match: null } }),
});
const seconds = (fromS: number, untilS: number) => ({ startMs: fromS * 1000, endMs: untilS * 1000 });

describe('the speaker desk', () => {
  test('a voice that is enrolled from a file is known on whichever side it speaks, and another is not', async () => {
    const { desk, usedIds } = house([5, 5, 5, 5, 5, 5, 5, 7, 7, 7]);
    const { speakerId } = await desk.enrol(anna, { path: 'x' }).catch(() => ({ speakerId: '' }));
    // The file has two voices in it: what is enrolled is neither of them.
    expect(await desk.identify('call', 'r', [{ side: 'caller', label: null, stretches: [seconds(0, 7)] }])).toEqual([]);
    await desk.remove(speakerId);
    const again = house([5, 5, 5, 5, 5, 5, 5]);
    const enrolled = await again.desk.enrol(anna, { path: 'x' });
    const named = await again.desk.identify('call', 'r', [
      { side: 'caller', label: null, stretches: [seconds(0, 6)] },
      { side: 'callee', label: null, stretches: [seconds(0, 6)] },
      { side: 'caller', label: '2', stretches: [seconds(1, 3), seconds(5, 6)] },
      { side: 'caller', label: '3', stretches: [seconds(6, 7)] },
    ]);
    const found = { speakerId: enrolled.speakerId, name: 'Anna', probability: 0.97 };
    expect(named).toEqual([
      { side: 'caller', label: null, ...found },
      { side: 'caller', label: '2', ...found },
    ]);
    expect(usedIds).toHaveLength(0);
    expect(again.usedIds).toEqual([enrolled.speakerId]);
    expect(again.recorded).toEqual([enrolled.speakerId]);
  });

  test('of a past call one side, or one speaker of it, is enrolled and verified; others in its channel are left out', async () => {
    const { desk, utterances } = house([1, 2, 1, 1, 1, 1, 1, 1, 2, 2]);
    utterances.push(spoken('mixed', 0, 1, '1'), spoken('mixed', 1, 2, '2'), spoken('mixed', 2, 8, '1'));
    utterances.push(spoken('mixed', 8, 10, '2'));
    const one = { callId: 'call', side: 'mixed', label: '1' } as const;
    const { speakerId, speechS } = await desk.enrol(anna, one);
    expect(speechS).toBe(7);
    expect(await desk.verify(speakerId, one)).toMatchObject({ decision: 'same', speechS: 7 });
    expect(await desk.verify(speakerId, { ...one, label: '2' })).toMatchObject({ decision: 'other', speechS: 3 });
  });

  test('says why it cannot', async () => {
    const { desk, utterances } = house([1, 1]);
    utterances.push(spoken('caller', 0, 2));
    const enrol = (source: VoiceSource) => desk.enrol(anna, source);
    const side = { side: 'caller', label: null } as const;
    await expect(enrol({ callId: 'call', ...side })).rejects.toMatchObject({ code: 'too-little-speech' });
    await expect(enrol({ callId: 'call', side: 'callee', label: null })).rejects.toMatchObject({ code: 'not-found' });
    await expect(enrol({ callId: 'live', ...side })).rejects.toMatchObject({ code: 'conflict' });
    await expect(enrol({ callId: 'none', ...side })).rejects.toMatchObject({ code: 'not-found' });
    await expect(desk.verify('nobody', { path: 'x' })).rejects.toMatchObject({ code: 'not-found' });
    expect(await desk.remove('nobody')).toBeUndefined();
  });
});
