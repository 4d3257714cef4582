import { expect, it } from 'vitest';
import { ToldSounds, type SoundEvent } from './told-sounds.ts';

const side = 'caller';

it('what a process that takes over hears again is not told again', () => {
  const told = new ToldSounds();
  const take = (event: SoundEvent) => told.take('c', event);
  const levels = (startSample: number, ...levelDbfs: number[]): SoundEvent => {
    const none = levelDbfs.map(() => null);
    return { type: 'levels', side, startSample, levelDbfs, pitchHz: none, speech: levelDbfs.map(() => 0), snrDb: none };
  };
  expect(take(levels(0, -10, -20, -30))).toMatchObject([{ levels: { startMs: 0, levelDbfs: [-10, -20, -30] } }]);
  expect(take(levels(8000, -20, -30, -40))).toMatchObject([{ levels: { startMs: 3000, levelDbfs: [-40] } }]);
  expect(take(levels(16_000, -30, -40))).toEqual([]);
  const music = (startSample: number, endSample: number): SoundEvent => {
    return { type: 'sound', side, kind: 'music', startSample, endSample };
  };
  expect(take(music(0, 80_000))).toMatchObject([{ startMs: 0, endMs: 10_000 }]);
  expect(take(music(72_000, 80_000))).toEqual([]);
  expect(take(music(72_000, 96_000))).toMatchObject([{ startMs: 10_000, endMs: 12_000 }]);
  const identical: SoundEvent = { type: 'identical', side, of: 'callee', startSample: 800 };
  expect(take(identical)).toMatchObject([{ type: 'identical', atMs: 100, of: 'callee' }]);
  expect(take(identical)).toEqual([]);
});
