import { describe, expect, it } from 'vitest';
import { seededRandom } from '#lib/testing/random.ts';
import { dot, unit } from '../types.ts';
import { agglomerate } from './agglomerate.ts';
import { Diarizer } from './diarizer.ts';
import type { HeardVoice } from './heard-voices.ts';
import { SpeechWindows, windowSamples, type SpeechWindow } from './speech-windows.ts';
import { StreamSpeakers, type SpokenTurn } from './stream-speakers.ts';
import { Voices } from './voices.ts';

const frameSamples = 256;
const options = { sameVoice: 0.5, mostSpeakers: 8, leastVectors: 3 };
const random = seededRandom(7);
const dimensions = 16;

/** Of a voice: its own direction, and noise. A window of several voices lies between them. */
function embed({ pcm }: SpeechWindow): Float32Array {
  const vector = Float32Array.from({ length: dimensions }, () => (random() - 0.5) * 0.3);
  for (const voice of pcm) if (voice > 0) vector[voice] = (vector[voice] ?? 0) + 1 / pcm.length;
  return unit(vector);
}

/** Seconds of one voice after another; 0 is silence. The samples say whose they are. */
function play(script: readonly (readonly [voice: number, seconds: number])[], listener: Listener): number {
  let sample = 0;
  for (const [voice, seconds] of script) {
    const frames = Math.round((seconds * 8000) / frameSamples);
    for (let frame = 0; frame < frames; frame++, sample += frameSamples) {
      listener.heard(sample, new Int16Array(frameSamples).fill(voice), voice === 0 ? 0 : 1);
      for (const window of listener.take(8)) listener.embedded(window, embed(window));
    }
  }
  listener.pause();
  for (const window of listener.take(64)) listener.embedded(window, embed(window));
  return sample;
}
type Listener = Pick<Diarizer, 'heard' | 'take' | 'embedded' | 'pause'>;

describe('SpeechWindows', () => {
  it('covers speech with overlapping windows that hold its samples, and leaves pauses out', () => {
    const windows = new SpeechWindows();
    const cut: SpeechWindow[] = [];
    const spoken = (sample: number): boolean =>
      (sample >= 2560 && sample < 43_520) || (sample >= 51_200 && sample < 55_040);
    for (let sample = 0; sample < 70_400; sample += frameSamples) {
      const frame = Int16Array.from({ length: frameSamples }, (_, i) => (sample + i) % 30_000);
      cut.push(...windows.push(sample, frame, spoken(sample) ? 0.9 : 0.1));
    }
    expect(windows.stretches).toEqual([
      { startSample: 2560, endSample: 43_520 },
      { startSample: 51_200, endSample: 55_040 },
    ]);
    expect(cut.map(({ startSample, endSample }) => [startSample, endSample])).toEqual([
      [2560, 14_560],
      [6560, 18_560],
      [10_560, 22_560],
      [14_560, 26_560],
      [18_560, 30_560],
      [22_560, 34_560],
      [26_560, 38_560],
      [30_560, 42_560],
      [51_200, 55_040],
    ]);
    for (const { startSample, endSample, pcm } of cut) {
      expect(pcm.length).toBe(endSample - startSample);
      expect([pcm[0], pcm.at(-1)]).toEqual([startSample % 30_000, (endSample - 1) % 30_000]);
    }
  });

  it('gives a short word a window of its own length, and a click none', () => {
    const windows = new SpeechWindows();
    const cut: SpeechWindow[] = [];
    for (let frame = 0; frame < 100; frame++) {
      const speaks = (frame >= 10 && frame < 25) || frame === 60;
      cut.push(...windows.push(frame * frameSamples, new Int16Array(frameSamples), speaks ? 1 : 0));
    }
    expect(cut.map(({ pcm }) => pcm.length)).toEqual([15 * frameSamples]);
    expect(cut.every(({ pcm }) => pcm.length <= windowSamples)).toBe(true);
  });
});

describe('agglomerate', () => {
  it('joins by the mean likeness of all pairs and stops where voices part', () => {
    const at = (degrees: number): { sum: Float32Array; count: number } => ({
      sum: Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)),
      count: 1,
    });
    const atoms = [0, 100, 10, 110, 20, 95].map(at);
    expect([...agglomerate(atoms, { stopAt: 0.7, most: 8 })]).toEqual([0, 1, 0, 1, 0, 1]);
    expect(new Set(agglomerate(atoms, { stopAt: 0.999, most: 8 })).size).toBe(6);
    expect(new Set(agglomerate(atoms, { stopAt: 0.999, most: 3 })).size).toBe(3);
    expect(new Set(agglomerate(atoms, { stopAt: -1, most: 8 })).size).toBe(1);
  });
});

describe('Voices', () => {
  it('finds the same voices when its vectors have been joined many times', () => {
    const voices = new Voices(options);
    for (let i = 0; i < 3000; i++) {
      voices.add(embed({ startSample: 0, endSample: 0, pcm: new Int16Array(100).fill(1 + (i % 3)) }));
    }
    const found = voices.find();
    expect(found).toHaveLength(3);
    for (const middle of found) expect(Math.max(...middle.subarray(1, 4))).toBeGreaterThan(0.95);
    expect(dot(found[0] ?? new Float32Array(0), found[1] ?? new Float32Array(0))).toBeLessThan(0.2);
  });
});

describe('Diarizer', () => {
  it('tells two voices apart, numbers them as they first spoke, and finds the change within half a second', () => {
    const diarizer = new Diarizer(options);
    // Voice 4 speaks first and last; the second change comes without a pause.
    play([[0, 1], [4, 5], [0, 1], [2, 6], [4, 4]], diarizer); // prettier-ignore
    const turns = diarizer.turns.map(({ startSample, endSample, voice }) => [
      startSample / 8000,
      endSample / 8000,
      voice,
    ]);
    expect(turns.map(([, , voice]) => voice)).toEqual([0, 1, 0]);
    [1, 7, 13].forEach((start, index) => expect(Math.abs((turns[index]?.[0] ?? 0) - start)).toBeLessThan(0.5));
    expect(Math.abs((turns[2]?.[1] ?? 0) - 17)).toBeLessThan(0.1);
  });

  it('keeps one voice one, and has no turns of silence', () => {
    const diarizer = new Diarizer(options);
    expect(diarizer.turns).toEqual([]);
    play([[0, 3]], diarizer); // prettier-ignore
    expect(diarizer.turns).toEqual([]);
    play([[3, 20], [0, 2], [3, 20]], diarizer); // prettier-ignore
    expect(new Set(diarizer.turns.map(({ voice }) => voice))).toEqual(new Set([0]));
  });
});

describe('StreamSpeakers', () => {
  it('tells of turns as they are found, mends them, and settles once', () => {
    const told: { turns: readonly SpokenTurn[]; voices: readonly HeardVoice[]; settled: boolean }[] = [];
    const speakers = new StreamSpeakers(0, options, (turns, voices, settled) => told.push({ turns, voices, settled }));
    const listener: Listener = {
      heard: (sample, frame, probability) => {
        speakers.heard(sample, frame, probability);
        speakers.tellWhenDue(sample);
      },
      take: (most) => speakers.take(most),
      embedded: (window, vector) => speakers.embedded(window, vector),
      pause: () => speakers.pause(),
    };
    const end = play([[1, 6], [0, 1], [2, 6], [0, 1], [1, 3]], listener); // prettier-ignore
    speakers.settle();
    speakers.settle();
    expect(told.map(({ settled }) => settled)).toEqual([...told.slice(1).map(() => false), true]);
    expect(told.length).toBeGreaterThan(4);
    expect(told.at(-1)?.turns.map(({ speaker }) => speaker)).toEqual(['1', '2', '1']);
    const [first, second] = told.at(-1)?.voices ?? [];
    expect([first?.mean.findIndex((value) => value > 0.8), second?.mean.findIndex((value) => value > 0.8)]).toEqual([
      1, 2,
    ]);
    expect((first?.windows ?? 0) / (second?.windows ?? 0)).toBeCloseTo(1.5, 0);

    const words = [
      { text: 'one', startSample: 8000, endSample: 12_000 },
      { text: 'two', startSample: 8000 * 9, endSample: 8000 * 9 + 4000 },
      { text: 'none', startSample: end + 8000, endSample: end + 9000 },
    ];
    expect(speakers.named(words)).toEqual([{ ...words[0], speaker: '1' }, { ...words[1], speaker: '2' }, words[2]]);
  });
});
