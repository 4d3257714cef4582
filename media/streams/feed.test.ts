import { expect, test } from 'vitest';
import { Feed } from './feed.ts';

const second = 1000;

function feed(): {
  readonly feed: Feed;
  readonly at: (nowMs: number) => void;
  readonly heardMs: () => number;
  readonly droppedMs: () => number;
} {
  let nowMs = 0;
  let heard = 0;
  let dropped = 0;
  const made = new Feed(
    'caller',
    { encoding: 'pcmu', sampleRateHz: 8000 },
    { nowMs: () => nowMs, onDropped: (ms) => (dropped += ms), onKey: () => undefined },
  );
  made.open({ side: 'caller', write: (bytes) => (heard += bytes.length / 8), key: () => undefined });
  return { feed: made, at: (ms) => (nowMs = ms), heardMs: () => heard, droppedMs: () => dropped };
}

function write(to: Feed, ms: number): void {
  for (let at = 0; at < ms; at += 20) to.write(new Uint8Array(160));
}

test('a sender may be five seconds ahead of time, and no more', () => {
  const { feed: caller, at, heardMs, droppedMs } = feed();
  write(caller, 6 * second);
  expect([heardMs(), droppedMs()]).toEqual([5 * second, second]);
  at(second);
  write(caller, second);
  expect(heardMs()).toBe(6 * second);
});

test('an hour of nothing is not made up for at once: no sender fills the memory so', () => {
  const { feed: caller, at, heardMs, droppedMs } = feed();
  write(caller, 20);
  at(3600 * second);
  write(caller, 60 * second);
  expect(heardMs()).toBe(10 * second + 20);
  expect(droppedMs()).toBe(50 * second);
});
