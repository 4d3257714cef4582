import { afterAll, beforeAll, expect, test } from 'vitest';
import { impair, playImpaired, type ImpairmentKind } from './testing/impairments.ts';
import { MediaBench } from './testing/media-bench.ts';
import type { StreamReport } from './types.ts';

const packets = 3000;
const samples = packets * 160;
const shares = [0.01, 0.05, 0.1] as const;

let bench: MediaBench;
let calls = 0;
beforeAll(async () => {
  bench = await MediaBench.start({ ports: '43760-43779', asrProcesses: 0 });
});
afterAll(() => bench.close());

interface Played {
  readonly report: StreamReport;
  readonly samples: number;
  readonly dropped: number;
  readonly duplicated: number;
}

async function play(kind: ImpairmentKind, share: number): Promise<Played> {
  const stream = impair(kind, share, packets, 7);
  const played = await playImpaired(bench, `impaired-${process.pid}-${++calls}`, stream);
  return { ...played, dropped: stream.dropped, duplicated: stream.duplicated };
}

const playAll = (kind: ImpairmentKind): Promise<Played[]> => Promise.all(shares.map((share) => play(kind, share)));

/** The timeline is as long as the stream was, whatever became of it; it ends when the last packet came, late or not. */
function expectWhole(played: readonly Played[]): void {
  for (const { samples: length, report } of played) {
    expect(length).toBeGreaterThanOrEqual(samples);
    expect(length).toBeLessThan(samples + 2400);
    expect(report.malformedPackets).toBe(0);
  }
}

const scores = (played: readonly Played[]): number[] => played.map(({ report }) => report.mos ?? 0);

test('loss: what was dropped is lost and filled, and nothing else; the score falls with it', async () => {
  const [clean, ...played] = [await play('loss', 0), ...(await playAll('loss'))] as [Played, ...Played[]];
  expectWhole([clean, ...played]);
  expect(clean.report).toMatchObject({ packets, lostPackets: 0, latePackets: 0, filledSamples: 0, mos: 4.41 });
  for (const { report, dropped } of played) {
    expect(report).toMatchObject({ packets: packets - dropped, lostPackets: dropped, latePackets: 0 });
    expect(Math.abs(report.filledSamples - dropped * 160)).toBeLessThanOrEqual(160);
  }
  const [at1 = 0, at5 = 0, at10 = 0] = scores(played);
  expect(at1).toBeLessThan(4.41);
  expect(at5).toBeLessThan(at1);
  expect(at10).toBeLessThan(at5);
});

test('out of order: every sample is in its place, and nothing is the worse for it', async () => {
  const played = await playAll('reorder');
  expectWhole(played);
  for (const { report } of played) {
    expect(report).toMatchObject({ packets, lostPackets: 0, latePackets: 0, filledSamples: 0, mos: 4.41 });
  }
});

test('twice: the second is counted and not heard', async () => {
  const played = await playAll('duplication');
  expectWhole(played);
  for (const { report, duplicated } of played) {
    expect(duplicated).toBeGreaterThan(0);
    expect(report).toMatchObject({ packets: packets + duplicated, duplicatePackets: duplicated, lostPackets: 0 });
    expect(report).toMatchObject({ latePackets: 0, filledSamples: 0, droppedSamples: 0, mos: 4.41 });
  }
});

test('jitter: the buffer grows until it waits for what is late, and its delay costs too', async () => {
  const played = await playAll('jitter');
  expectWhole(played);
  for (const { report, samples: length } of played) {
    expect(report).toMatchObject({ packets, lostPackets: 0 });
    expect(report.latePackets).toBeLessThan(0.02 * packets);
    expect(report.filledSamples).toBeLessThanOrEqual(report.droppedSamples + length - samples);
    expect(report.jitterMeanMs).toBeGreaterThan(0);
  }
  const [at1 = 0, at5 = 0, at10 = 0] = scores(played);
  expect(at1).toBeLessThan(4.41);
  expect(at5).toBeLessThan(at1);
  // By then it waits as long as it ever will.
  expect(at10).toBeLessThanOrEqual(at5);
});

test('all at once: still counted right, and worse than any alone', async () => {
  const played = await playAll('all');
  expectWhole(played);
  for (const { report, dropped, duplicated, samples: length } of played) {
    expect(report).toMatchObject({ lostPackets: dropped, duplicatePackets: duplicated });
    expect(report.filledSamples).toBeGreaterThanOrEqual(dropped * 160);
    expect(report.filledSamples).toBeLessThanOrEqual((dropped + report.latePackets + 2) * 160 + length - samples);
  }
  const [at1 = 0, at5 = 0, at10 = 0] = scores(played);
  expect(at5).toBeLessThan(at1);
  expect(at10).toBeLessThan(at5);
});
