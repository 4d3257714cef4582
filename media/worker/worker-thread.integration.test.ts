import { afterEach, expect, test } from 'vitest';
import { createLogger } from '#lib/log.ts';
import { WorkerThread } from './worker-thread.ts';

let thread: WorkerThread | undefined;
afterEach(() => thread?.close());

test('a worker that dies of its start is started again at growing distances', async () => {
  const lostMs: number[] = [];
  const listener = {
    event: () => undefined,
    counters: () => undefined,
    lost: () => lostMs.push(performance.now()),
  };
  // With a port that is no number no worker comes up.
  thread = new WorkerThread({ firstPort: 1n, lastPort: 2 } as never, listener, createLogger('silent'));
  await expect.poll(() => lostMs.length).toBeGreaterThanOrEqual(4);
  const distances = lostMs.slice(1, 4).map((ms, index) => ms - (lostMs[index] ?? 0));
  expect(distances[1]).toBeGreaterThanOrEqual(390);
  expect(distances[2]).toBeGreaterThanOrEqual(790);
});
