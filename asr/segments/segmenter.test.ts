import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Segmenter, defaultSegmenterOptions, type Segment } from './segmenter.ts';

const { frameSamples, padSamples, maxSamples } = defaultSegmenterOptions;

/** `[frames, probability]` runs through a segmenter, closed at the end. */
function cut(runs: readonly (readonly [number, number])[], fromSample = 0): Segment[] {
  const segmenter = new Segmenter(fromSample);
  const segments: Segment[] = [];
  let at = fromSample;
  for (const [frames, probability] of runs) {
    for (let i = 0; i < frames; i += 1) {
      const closed = segmenter.push(probability, probability);
      at += frameSamples;
      if (closed !== undefined) segments.push(closed);
    }
  }
  const last = segmenter.flush(at);
  return last === undefined ? segments : [...segments, last];
}

describe('Segmenter', () => {
  it('keeps a margin of 150 ms on both sides of the speech', () => {
    const [segment] = cut([
      [50, 0],
      [20, 0.9],
      [50, 0],
    ]);
    expect(segment).toMatchObject({
      startSample: 50 * frameSamples - padSamples,
      endSample: 70 * frameSamples + padSamples,
      speechEndSample: 70 * frameSamples,
    });
  });

  it('runs on over a pause of half a second and ends a turn after 0.7 s', () => {
    const turn = [20, 0.9] as const;
    expect(cut([turn, [16, 0], turn, [40, 0]])).toHaveLength(1);
    expect(cut([turn, [22, 0], turn, [40, 0]])).toHaveLength(2);
  });

  it('rides over short dips, which neither close a segment nor count as a pause', () => {
    expect(
      cut([
        [10, 0.9],
        [2, 0.1],
        [10, 0.4],
        [40, 0],
      ]),
    ).toMatchObject([{ speechFrames: 20 }]);
  });

  it('lets a click vanish but keeps a word cut off by hanging up', () => {
    expect(
      cut([
        [10, 0],
        [2, 0.9],
        [40, 0],
      ]),
    ).toEqual([]);
    expect(
      cut([
        [10, 0],
        [4, 0.9],
      ]),
    ).toMatchObject([{ endSample: 14 * frameSamples }]);
  });

  it('splits what is over 16 s at the widest pause in its last 40 percent', () => {
    const wide = 430;
    const [first, second] = cut([
      [wide, 0.9],
      [8, 0.1],
      [30, 0.9],
      [4, 0.1],
      [60, 0.9],
      [40, 0],
    ]);
    expect(first?.endSample).toBeGreaterThanOrEqual(wide * frameSamples);
    expect(second?.startSample).toBeLessThanOrEqual((wide + 8) * frameSamples);
    expect(second?.startSample).toBeGreaterThanOrEqual(first?.endSample ?? Infinity);
  });

  it.each([
    ['nobody pauses', 0.9],
    ['the only pause is as short as the closure of a stop', 0.1],
  ])('splits between two words that have been heard where %s', (_, dip) => {
    const segmenter = new Segmenter(0);
    const gaps = [380, 420].map((frame) => frame * frameSamples);
    segmenter.gaps = [100 * frameSamples, ...gaps, 900 * frameSamples];
    const first = Array.from({ length: 600 }, (_frame, i) => {
      // Quietest of all within a word, and of the gaps in the second.
      const energy = i === 450 || i === 451 ? 1 : i > 417 && i < 423 ? 5 : 9;
      return segmenter.push(i === 450 || i === 451 ? dip : 0.9, energy);
    }).find((segment) => segment !== undefined);
    expect(first?.endSample).toBe(gaps[1]);
  });

  it('says that nothing is decided past the start of an open segment', () => {
    const segmenter = new Segmenter(0);
    for (let i = 0; i < 50; i += 1) segmenter.push(0, 0);
    for (let i = 0; i < 30; i += 1) segmenter.push(0.9, 1);
    expect(segmenter.decidedSample).toBe(50 * frameSamples - padSamples);
  });

  it('never overlaps, never loses a stretch of speech, never grows past the limit, whatever comes', () => {
    const run = fc.tuple(fc.integer({ min: 1, max: 700 }), fc.constantFrom(0, 0.2, 0.4, 0.6, 0.9));
    fc.assert(
      fc.property(fc.array(run, { maxLength: 14 }), fc.integer({ min: 0, max: 9999 }), (runs, from) => {
        const segments = cut(runs, from);
        let end = from;
        for (const segment of segments) {
          expect(segment.startSample).toBeGreaterThanOrEqual(end);
          expect(segment.endSample).toBeGreaterThan(segment.startSample);
          expect(segment.endSample - segment.startSample).toBeLessThanOrEqual(maxSamples + frameSamples);
          end = segment.endSample;
        }
        let at = from;
        for (const [frames, probability] of runs) {
          const until = at + frames * frameSamples;
          // The middle of every run of clear speech of 96 ms or more lies in a segment.
          const middle = (at + until) / 2;
          const covered = segments.some((each) => each.startSample <= middle && middle <= each.endSample);
          expect(covered || probability < 0.6 || frames < 3).toBe(true);
          at = until;
        }
      }),
      { numRuns: 300 },
    );
  });
});
