import { expect, test } from 'vitest';
import { Feed } from './feed.ts';

const second = 1000;

function feed(isOpen = true): {
  readonly feed: Feed;
  readonly open: () => void;
  readonly at: (nowMs: number) => void;
  readonly heardMs: () => number;
  readonly droppedMs: () => number;
  readonly keys: () => number;
} {
  let nowMs = 0;
  let keys = 0;
  let heard = 0;
  let dropped = 0;
  const made = new Feed(
    'caller',
    { encoding: 'pcmu', sampleRateHz: 8000 },
    { nowMs: () => nowMs, onDropped: (ms) => (dropped += ms), onKey: () => undefined },
  );
  const open = (): void =>
    made.open({
      side: 'caller',
      write: (bytes) => (heard += bytes.length / 8),
      gap: (ms) => (heard += ms),
      key: () => (keys += 1),
    });
  if (isOpen) open();
  return {
    feed: made,
    open,
    at: (ms) => (nowMs = ms),
    heardMs: () => heard,
    droppedMs: () => dropped,
    keys: () => keys,
  };
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

test('what never came counts as what did: it is no way past the bound', () => {
  const { feed: caller, heardMs, droppedMs } = feed();
  write(caller, 20);
  for (let n = 0; n < 10; n++) caller.gap(4000);
  expect([heardMs(), droppedMs()]).toEqual([4020, 36_000]);
});

test('before the stream stands sound waits in its order, in a bounded number of pieces, however small they are', () => {
  const { feed: caller, open, heardMs, droppedMs } = feed(false);
  for (let n = 0; n < 10_000; n++) caller.write(new Uint8Array(1));
  caller.gap(1000);
  open();
  expect([heardMs(), droppedMs()]).toEqual([2000 / 8, 8000 / 8]);
});

test('nobody presses a thousand keys a second', () => {
  const { feed: caller, at, keys } = feed();
  for (let n = 0; n < 1000; n++) caller.key(100, '5');
  expect(keys()).toBe(25);
  at(second);
  caller.key(100, '5');
  expect(keys()).toBe(26);
});
