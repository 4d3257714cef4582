import { expect, it } from 'vitest';
import type { HeardVoice } from '../speakers/diarization/heard-voices.ts';
import type { SpokenTurn } from '../speakers/diarization/stream-speakers.ts';
import { ToldSpeakers } from './told-speakers.ts';

const voice = (...mean: number[]): HeardVoice => ({ mean, windows: 4 });
const turn = (speaker: string, startSample: number): SpokenTurn => ({
  startSample,
  endSample: startSample + 8000,
  speaker,
});
const speakers = (told: ToldSpeakers): string[] => told.turns.map(({ speaker }) => speaker);
const sameVoice = 0.5;

it('keeps the numbers of voices that were heard before another process, whatever it calls them', () => {
  const told = new ToldSpeakers();
  told.take({ turns: [turn('1', 0), turn('2', 8000)], voices: [voice(1, 0, 0), voice(0, 1, 0)], sameVoice });
  told.handOver(16_000);
  const voices = [voice(0.1, 0.8, 0), voice(0, 0, 1), voice(0.9, 0.1, 0)];
  told.take({ turns: [turn('1', 16_000), turn('2', 24_000), turn('3', 32_000)], voices, sameVoice });
  expect(speakers(told)).toEqual(['1', '2', '2', '3', '1']);
  expect(['1', '2', '3'].map((name) => told.name(name))).toEqual(['2', '3', '1']);
  // And again, also of those who were silent in between.
  told.handOver(40_000);
  told.take({ turns: [turn('1', 40_000)], voices: [voice(0, 0.9, 0)], sameVoice });
  told.handOver(48_000);
  told.take({ turns: [turn('1', 48_000)], voices: [voice(0, 0.1, 0.9)], sameVoice });
  expect(speakers(told)).toEqual(['1', '2', '2', '3', '1', '2', '3']);
});

it('gives a number to one voice only, the likest, and none to a voice of another model', () => {
  const told = new ToldSpeakers();
  told.take({ turns: [turn('1', 0)], voices: [voice(1, 0)], sameVoice });
  told.handOver(8000);
  told.take({ turns: [turn('1', 8000), turn('2', 16_000)], voices: [voice(0.6, 0.6), voice(0.9, 0)], sameVoice });
  expect(speakers(told)).toEqual(['1', '2', '1']);
  told.handOver(24_000);
  told.take({ turns: [turn('1', 24_000)], voices: [voice(1, 0, 0)], sameVoice });
  expect(speakers(told)).toEqual(['1', '2', '1', '3']);
});

it('numbers on what it knows no voice of yet', () => {
  const told = new ToldSpeakers();
  told.take({ turns: [turn('1', 0)], voices: [voice(1, 0)], sameVoice });
  told.handOver(8000);
  expect(told.name('1')).toBe('2');
});
