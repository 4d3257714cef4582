import { describe, expect, it } from 'vitest';
import { Cadence } from './cadence.ts';
import { Rounds } from './rounds.ts';
import { chooseBatch, type Candidate } from './schedule.ts';

function candidate(owner: string, kind: Candidate<string>['kind'], sinceMs: number, seconds = 2): Candidate<string> {
  return { owner, kind, sinceMs, samples: seconds * 8000, drafted: true };
}
const owners = (list: readonly Candidate<string>[]): string[] => list.map((each) => each.owner);

describe('chooseBatch', () => {
  it('takes finals first and by themselves, then pauses and partials together, the longest waiting first', () => {
    const queue = [
      candidate('partial', 'partial', 0),
      candidate('pause', 'pause', 1),
      candidate('late', 'final', 9),
      candidate('early', 'final', 3),
    ];
    expect(owners(chooseBatch(queue))).toEqual(['early', 'late']);
    expect(owners(chooseBatch(queue.slice(0, 2)))).toEqual(['pause', 'partial']);
  });

  it('bounds rows and audio, but never chooses nothing', () => {
    const many = Array.from({ length: 20 }, (_, index) => candidate(String(index), 'partial', index, 1));
    expect(owners(chooseBatch(many))).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    const long = [candidate('a', 'final', 0, 40), candidate('b', 'final', 1, 30)];
    expect(owners(chooseBatch(long))).toEqual(['a']);
    expect(chooseBatch([])).toEqual([]);
  });

  it('pads no short segment to the length of a long one, and more audio of which nothing is known yet', () => {
    const mixed = [candidate('a', 'final', 0, 2), candidate('b', 'final', 1, 9), candidate('c', 'final', 2, 3)];
    expect(owners(chooseBatch(mixed))).toEqual(['a', 'c']);
    const fresh = [0, 1, 2].map((index) => ({ ...candidate(String(index), 'final', index, 12), drafted: false }));
    expect(owners(chooseBatch(fresh))).toEqual(['0', '1', '2']);
    expect(owners(chooseBatch(fresh.map((each) => ({ ...each, drafted: true }))))).toEqual(['0']);
  });
});

describe('Cadence', () => {
  const options = {
    minIntervalMs: 250,
    maxIntervalMs: 3000,
    fullAt: 0.8,
    yieldAt: 0.9,
    growth: 3,
    slack: 0.1,
    windowMs: 3000,
  };
  /** Half a minute of which these shares go into work. */
  function load(cadence: Cadence, partialShare: number, otherShare: number, fromMs = 0): number {
    for (let at = fromMs; at < fromMs + 30_000; at += 100) {
      cadence.took('partial', 100 * partialShare, at);
      cadence.took('other', 100 * otherShare, at);
    }
    return fromMs + 30_000;
  }

  it('gives partials as often as is useful while there is time, and more seldom while the process is full', () => {
    const cadence = new Cadence(0, options);
    let nowMs = load(cadence, 0.3, 0.3);
    expect(cadence.intervalMs(nowMs)).toBe(250);
    nowMs = load(cadence, 0.6, 0.35, nowMs);
    expect(cadence.intervalMs(nowMs)).toBe(3000);
    nowMs = load(cadence, 0.2, 0.2, nowMs);
    expect(cadence.intervalMs(nowMs)).toBe(250);
  });

  it('stops partials while all else fills the time, and gives them again afterwards', () => {
    const cadence = new Cadence(0, options);
    const nowMs = load(cadence, 0, 0.97);
    expect(cadence.intervalMs(nowMs)).toBe(Infinity);
    expect(cadence.intervalMs(nowMs + 5000)).toBeLessThan(3001);
  });
});

describe('Rounds', () => {
  it('gives each its turn once a round, and begins the next when all had theirs and it is time', () => {
    const rounds = new Rounds<string>();
    rounds.look(0, 500);
    expect(rounds.has('a')).toBe(true);
    rounds.done('a');
    rounds.look(600, 500);
    expect(rounds.has('a')).toBe(false);
    expect(rounds.has('b')).toBe(true);
    rounds.end();
    expect(rounds.has('b')).toBe(false);
    rounds.look(700, 500);
    expect(rounds.has('a')).toBe(true);
  });
});
