import { describe, expect, it } from 'vitest';
import { endlessMs } from '../types.ts';
import { RecentDelays } from './delays.ts';
import { CallLedger } from './ledger.ts';

const final = {
  type: 'final',
  side: 'caller',
  index: 0,
  startSample: 800,
  endSample: 8000,
  text: 'Yes.',
  words: [{ text: 'Yes.', startSample: 1600, endSample: 4000, confidence: 0.9 }],
  confidence: 0.9,
  language: 'en',
  delayMs: 700,
} as const;

function twoSided(): CallLedger {
  const ledger = new CallLedger('c');
  ledger.addSide('caller', 0);
  ledger.addSide('callee', 0);
  return ledger;
}

describe('CallLedger', () => {
  it('tells a final in ms, once, and goes on behind it', () => {
    const ledger = twoSided();
    expect(ledger.take(final)).toMatchObject([
      {
        segmentId: 'c:caller:0',
        startMs: 100,
        endMs: 1000,
        words: [{ text: 'Yes.', startMs: 200, endMs: 500, confidence: 0.9 }],
      },
    ]);
    expect(ledger.take(final)).toEqual([]);
    expect(ledger.decided).toEqual({ caller: 8000, callee: 0 });
    expect(ledger.handOver()).toEqual([
      { side: 'caller', fromSample: 8000, nextSegment: 1 },
      { side: 'callee', fromSample: 0, nextSegment: 0 },
    ]);
  });

  it('never lets progress go back', () => {
    const ledger = twoSided();
    ledger.take({ type: 'progress', side: 'callee', decidedSample: 16_000, heardSample: 17_000 });
    const told = ledger.take({ type: 'progress', side: 'callee', decidedSample: 8000, heardSample: 9000 });
    expect(told).toMatchObject([{ decidedMs: 2000, heardMs: 2125 }]);
  });

  it('ends a segment that was shown and is never found again, and counts on from there', () => {
    const ledger = twoSided();
    ledger.take({ type: 'partial', side: 'caller', index: 0, words: final.words });
    const told = ledger.take({ type: 'unheard', side: 'caller', startSample: 0, endSample: 16_000 });
    expect(told).toMatchObject([
      { type: 'no-words', segmentId: 'c:caller:0', startMs: 200, endMs: 500 },
      { type: 'unheard', startMs: 500, endMs: 2000 },
    ]);
    const later = { ...final, startSample: 20_000, endSample: 24_000 };
    expect(ledger.take(later)).toMatchObject([{ type: 'final', segmentId: 'c:caller:1' }]);
  });

  it('gives up what nobody will hear, from what was decided on', () => {
    const ledger = twoSided();
    ledger.take(final);
    ledger.take({ type: 'finished', side: 'callee', endSample: 0 });
    expect(ledger.giveUp()).toEqual([
      { type: 'unheard', callId: 'c', side: 'caller', startMs: 1000, endMs: endlessMs },
      { type: 'finished', callId: 'c', side: 'caller', endMs: endlessMs },
    ]);
    expect(ledger.finished).toBe(true);
  });

  it('knows a side that came later from its first sample on, and nothing of sides that it was not told of', () => {
    const ledger = new CallLedger('c');
    expect(ledger.addSide('mixed', 0)).toEqual({ side: 'mixed', fromSample: 0, nextSegment: 0 });
    expect(ledger.take(final)).toEqual([]);
    expect(ledger.addSide('caller', 400)).toEqual({ side: 'caller', fromSample: 400, nextSegment: 0 });
    ledger.take(final);
    expect(ledger.addSide('caller', 0)).toBeUndefined();
    ledger.take({ type: 'finished', side: 'mixed', endSample: 8000 });
    expect(ledger.finished).toBe(false);
    expect(ledger.handOver()).toEqual([{ side: 'caller', fromSample: 8000, nextSegment: 1 }]);
    ledger.addSide('other', 16_000);
    expect(ledger.giveUp('other')).toMatchObject([{ type: 'unheard', startMs: 2000 }, { type: 'finished' }]);
    expect(ledger.giveUp().map(({ side }) => side)).toEqual(['caller', 'caller']);
  });
});

describe('RecentDelays', () => {
  it('gives the 95th percentile of the last minute', () => {
    const delays = new RecentDelays();
    expect(delays.p95Ms(0)).toBeNull();
    for (let i = 1; i <= 100; i += 1) delays.add(i, 1000);
    expect(delays.p95Ms(1000)).toBe(95);
    expect(delays.p95Ms(62_000)).toBeNull();
  });
});
