import { describe, expect, test } from 'vitest';
import { seededRandom } from '#lib/testing/random.ts';
import { talkSides } from '#sip/types.ts';
import { TimelineBench } from '../testing/timeline.ts';
import { tone } from '#lib/testing/tones.ts';

interface Stall {
  readonly fromMs: number;
  readonly toMs: number;
}
const sound = tone(300, 8000 * 12);
const seconds = 12;
const packetsInAll = seconds * 50;
/** What a socket gives up in one turn of the loop. */
const packetsPerTurn = 32;

/**
 * Two steady phones and a thread that is held up now and then. `told`: whether the timeline knows, as it does in a worker
 * (StallWatch); else the timer alone is starved, or the stall goes unnoticed. Returns the packets not heard, by time sent.
 */
function run(stalls: readonly Stall[], told: boolean): { bench: TimelineBench; lostAtMs: number[] } {
  const bench = new TimelineBench();
  const lostAtMs: number[] = [];
  const sent = { caller: 0, callee: 0 };
  const read = (nowMs: number): boolean => {
    for (const side of talkSides) {
      const due = Math.min(packetsInAll, Math.floor(nowMs / 20));
      for (let n = 0; n < packetsPerTurn && sent[side] < due; n++) {
        const at = 160 * sent[side]++;
        if (!bench.audio(side, nowMs, at, sound.subarray(at, at + 160))) lostAtMs.push(at / 8);
      }
    }
    return talkSides.some((side) => sent[side] < Math.min(packetsInAll, Math.floor(nowMs / 20)));
  };
  for (let nowMs = 20; nowMs <= seconds * 1000; nowMs += 4) {
    const stall = stalls.find(({ fromMs, toMs }) => nowMs > fromMs && nowMs < toMs);
    if (stall !== undefined) {
      nowMs = stall.toMs;
      if (told) bench.backlog.heldUpSamples = 8 * (stall.toMs - stall.fromMs);
      bench.timeline.advance(nowMs);
      while (read(nowMs));
      if (told) bench.backlog.heldUpSamples = 0;
    }
    read(nowMs);
    bench.timeline.advance(nowMs);
  }
  read(seconds * 1000);
  bench.timeline.finish(seconds * 1000);
  return { bench, lostAtMs };
}

function randomStalls(seed: number, longestMs: number): Stall[] {
  const random = seededRandom(seed);
  const stalls: Stall[] = [];
  for (let atMs = random() < 0.5 ? 22 : 22 + 2000 * random(); atMs < 8000; atMs += 200 + 2500 * random()) {
    const toMs = Math.min(8000, atMs + random() * longestMs);
    stalls.push({ fromMs: Math.round(atMs), toMs: Math.round(toMs) });
    atMs = toMs;
  }
  return stalls;
}

const seeds = Array.from({ length: 25 }, (_, n) => n + 1);

describe('the thread is held up', () => {
  test.each(seeds)('for up to 1 s at a time (%i): not a packet is late', (seed) => {
    const { bench, lostAtMs } = run(randomStalls(seed, 1000), true);
    expect(lostAtMs).toEqual([]);
    expect(bench.outOf('caller')).toHaveLength(seconds * 8000);
    expect(bench.timeline.channel('caller').filledSamples).toBe(0);
  });

  test.each(seeds)('for up to 4 s (%i): only what is older than 1.5 s is lost, and nothing after', (seed) => {
    const stalls = randomStalls(seed, 4000);
    const { bench, lostAtMs } = run(stalls, true);
    for (const sentMs of lostAtMs) {
      const stall = stalls.find(({ fromMs, toMs }) => sentMs >= fromMs - 60 && sentMs < toMs);
      expect((stall?.toMs ?? 0) - sentMs).toBeGreaterThan(1400);
    }
    expect(bench.outOf('callee')).toHaveLength(seconds * 8000);
  });

  test.each(seeds)('and nobody notices (%i): 1.5 s after the last stall everything is heard', (seed) => {
    const stalls = randomStalls(seed, 4000);
    const { bench, lostAtMs } = run(stalls, false);
    const overMs = Math.max(...stalls.map(({ toMs }) => toMs)) + 1500;
    expect(lostAtMs.filter((sentMs) => sentMs > overMs)).toEqual([]);
    const length = bench.outOf('callee').length;
    expect(length).toBeGreaterThanOrEqual(seconds * 8000);
    expect(length).toBeLessThan(seconds * 8000 + 400);
  });

  test.each([300, 900, 2000, 4000])('for %i ms while the first packets wait: what comes later is heard', (toMs) => {
    for (const told of [true, false]) {
      const { lostAtMs } = run([{ fromMs: 0, toMs }], told);
      expect(lostAtMs.filter((sentMs) => sentMs > toMs)).toEqual([]);
    }
  });
});

test('a timer that never runs: the packets themselves make the timeline settle', () => {
  const bench = new TimelineBench();
  for (let n = 0; n < 1000; n++) {
    for (const side of talkSides) expect(bench.audio(side, 20 * n + 20, 160 * n, sound.subarray(0, 160))).toBe(true);
  }
  bench.timeline.finish(20_000);
  expect(bench.outOf('caller')).toHaveLength(160_000);
  expect(bench.timeline.channel('caller').droppedSamples).toBe(0);
});
