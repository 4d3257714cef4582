import { describe, expect, it } from 'vitest';
import { scoreDiarization, type LabelledTurn } from './der-score.ts';
import { equalError, type Trial } from './eer.ts';

const turn = (speaker: string, startS: number, endS: number): LabelledTurn => ({ speaker, startS, endS });
const reference = [turn('A', 1, 5), turn('B', 5, 9), turn('A', 8, 10)];

describe('scoreDiarization', () => {
  it('finds nothing wrong whatever the speakers are called', () => {
    const found = reference.map(({ speaker, ...rest }) => ({ ...rest, speaker: speaker === 'A' ? '2' : '1' }));
    const seconds = scoreDiarization(reference, found, 12, 0);
    expect(seconds).toMatchObject({ missed: 0, falseAlarm: 0, confused: 0 });
    expect(seconds.speech).toBeCloseTo(10);
  });

  it('tells what is missed, what is added and what is mistaken, overlap counted for each', () => {
    // One speaker throughout: right where A speaks alone and in the overlap, of which B is missed.
    const one = scoreDiarization(reference, [turn('x', 0, 12)], 12, 0);
    expect(one.missed).toBeCloseTo(1);
    expect(one.falseAlarm).toBeCloseTo(3);
    expect(one.confused).toBeCloseTo(3);
    expect(scoreDiarization(reference, [], 12, 0).missed).toBeCloseTo(10);
  });

  it('matches names so that most is right, though a greedy choice would not', () => {
    const said = [turn('A', 0, 10), turn('B', 10, 19)];
    const found = [turn('x', 0, 6), turn('x', 10, 19), turn('y', 6, 10)];
    // x as B and y as A: 13 s right; x as A would leave B to nobody.
    expect(scoreDiarization(said, found, 20, 0).confused).toBeCloseTo(6);
  });

  it('does not judge the collar about the edges of the reference', () => {
    const late = [turn('x', 1.2, 5.2), turn('y', 5.2, 9), turn('x', 8.2, 10.2)];
    const seconds = scoreDiarization(reference, late, 12, 0.25);
    expect(seconds.missed + seconds.falseAlarm + seconds.confused).toBeCloseTo(0);
    // Edges at 1, 5 (twice), 8, 9 and 10.
    expect(seconds.speech).toBeCloseTo(10 - 0.25 - 0.5 - 0.25 - 0.5 - 0.5 - 0.25 - 0.25, 1);
    const strict = scoreDiarization(reference, late, 12, 0);
    expect(strict.missed + strict.falseAlarm + strict.confused).toBeGreaterThan(0.5);
  });
});

describe('equalError', () => {
  const trial = (same: boolean, score: number): Trial => ({ speakers: [0, same ? 0 : 1], score });

  it('is 0 where the scores part the pairs, and 50 where they say nothing', () => {
    expect(equalError([trial(true, 0.8), trial(true, 0.6), trial(false, 0.3)]).eer).toBe(0);
    expect(equalError([trial(true, 0.1), trial(false, 0.1), trial(true, 0.9), trial(false, 0.9)]).eer).toBeCloseTo(50);
  });

  it('is where both kinds of error are as frequent', () => {
    const trials = [
      ...[0.9, 0.8, 0.7, 0.4].map((score) => trial(true, score)),
      ...[0.75, 0.3, 0.2, 0.1].map((score) => trial(false, score)),
    ];
    expect(equalError(trials)).toEqual({ eer: 25, threshold: 0.7 });
    expect(equalError([trial(true, 1)]).eer).toBeNaN();
  });
});
