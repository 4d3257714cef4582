import { expect, it } from 'vitest';
import type { SoundKind } from '#asr/types.ts';
import { CallSound } from './call-sound.ts';

const callId = 'c';
const heard = (kind: SoundKind, startMs: number, endMs: number, side: 'caller' | 'callee' = 'callee') =>
  ({ type: 'sound', callId, side, kind, startMs, endMs }) as const;

it('what is heard is noted with its side and how long it lasted; an echo once a side; one mix on both, in words', () => {
  const sound = new CallSound();
  expect(sound.take(heard('ringback', 0, 8000))).toEqual({
    atMs: 0,
    note: 'ringback',
    detail: 'callee',
    untilMs: 8000,
  });
  expect(sound.take(heard('echo', 9000, 9500, 'caller'))).toEqual({ atMs: 9000, note: 'echo', detail: 'caller' });
  expect(sound.take(heard('echo', 9600, 9900, 'caller'))).toBeUndefined();
  expect(sound.take(heard('echo', 9600, 9900))).toMatchObject({ note: 'echo', detail: 'callee' });
  expect(sound.take({ type: 'identical', callId, side: 'callee', of: 'caller', atMs: 700 })).toEqual({
    atMs: 700,
    note: 'channels-identical',
    detail: 'callee carries what caller carries: written once',
  });
});

it('has figures once there are levels, and no more notes than a call can have', () => {
  const sound = new CallSound();
  const window = { startMs: 0, endMs: 2000 };
  const notes = Array.from({ length: 300 }, (_, n) => sound.take(heard('music', n * 10, n * 10 + 5)));
  expect(notes.filter((note) => note !== undefined)).toHaveLength(200);
  expect(sound.figures(window)).toBeUndefined();
  const levels = { startMs: 0, stepMs: 1000, levelDbfs: [-30], pitchHz: [null], speech: [0], snrDb: [null] } as const;
  expect(sound.take({ type: 'levels', callId, side: 'callee', levels })).toBeUndefined();
  expect(sound.figures(window)).toEqual({
    callee: { loudness: [50, null], snrDb: null, pitchHz: null, musicMs: 1000 },
  });
});
