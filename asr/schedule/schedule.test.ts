import { describe, expect, it } from 'vitest';
import { Cadence } from './cadence.ts';
import { chooseBatch, type Candidate } from './schedule.ts';

function candidate(owner: string, kind: Candidate<string>['kind'], sinceMs: number, seconds = 2): Candidate<string> {
  return { owner, kind, sinceMs, samples: seconds * 8000 };
}
const owners = (list: readonly Candidate<string>[]): string[] => list.map((each) => each.owner);

describe('chooseBatch', () => {
  it('takes finals first, then pauses, the longest waiting first, and leaves partials for later', () => {
    const queue = [
      candidate('partial', 'partial', 0),
      candidate('pause', 'pause', 1),
      candidate('late', 'final', 9),
      candidate('early', 'final', 3),
    ];
    expect(owners(chooseBatch(queue))).toEqual(['early', 'late', 'pause']);
    expect(owners(chooseBatch(queue.slice(0, 1)))).toEqual(['partial']);
  });

  it('bounds rows and audio, but never chooses nothing', () => {
    const many = Array.from({ length: 20 }, (_, index) => candidate(String(index), 'partial', index, 1));
    expect(owners(chooseBatch(many))).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    const long = [candidate('a', 'final', 0, 40), candidate('b', 'final', 1, 1)];
    expect(owners(chooseBatch(long))).toEqual(['a']);
    expect(chooseBatch([])).toEqual([]);
  });
});

describe('Cadence', () => {
  const options = { minIntervalMs: 250, maxIntervalMs: 3000, maxShare: 0.5, yieldAt: 0.85, windowMs: 5000 };

  it('gives partials as often as is useful while there is time, and more seldom as channels or costs grow', () => {
    const cadence = new Cadence(0, options);
    expect(cadence.intervalMs(4, 0)).toBe(250);
    cadence.partialsTook(2, 200);
    expect(cadence.intervalMs(1, 0)).toBe(250);
    expect(cadence.intervalMs(5, 0)).toBe(1000);
    expect(cadence.intervalMs(1000, 0)).toBe(3000);
  });

  it('stops partials while finals alone fill the time, and gives them again afterwards', () => {
    const cadence = new Cadence(0, options);
    cadence.othersTook(4900, 0);
    expect(cadence.intervalMs(1, 0)).toBe(Infinity);
    expect(cadence.intervalMs(1, 5000)).toBe(250);
  });
});
