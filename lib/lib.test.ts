import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressMatcher, isLoopback, isUnspecified } from './addresses.ts';
import { AudioFeedDecoder, encodeAudioFeedFrame } from './audio-feed.ts';
import { BackgroundTasks, closeAll, once } from './closing.ts';
import { Emitter } from './emitter.ts';
import { newId } from './ids.ts';

test('a listener that throws does not keep the others from hearing', () => {
  const errors: Error[] = [];
  const heard: number[] = [];
  const emitter = new Emitter<number>((error) => errors.push(error));
  emitter.subscribe(() => {
    throw new Error('broken');
  });
  const unsubscribe = emitter.subscribe((event) => heard.push(event));
  emitter.emit(1);
  unsubscribe();
  emitter.emit(2);
  expect(heard).toEqual([1]);
  expect(errors).toHaveLength(2);
});

test('closing carries on after a failure and reports all of them', async () => {
  const ran: string[] = [];
  const closing = closeAll([
    () => Promise.reject(new Error('a')),
    () => void ran.push('b'),
    () => {
      throw new Error('c');
    },
  ]);
  await expect(closing).rejects.toMatchObject({ errors: [{ message: 'a' }, { message: 'c' }] });
  expect(ran).toEqual(['b']);
});

test('once: every caller awaits the same run', async () => {
  let runs = 0;
  const close = once(async () => {
    runs += 1;
    await Promise.resolve();
  });
  await Promise.all([close(), close()]);
  expect(runs).toBe(1);
});

test('background tasks are waited for, also those begun while waiting; failures go to one place', async () => {
  const errors: Error[] = [];
  const done: string[] = [];
  const tasks = new BackgroundTasks((error) => errors.push(error));
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
  const first = async (): Promise<void> => {
    await pause();
    tasks.add(pause().then(() => done.push('second')));
  };
  tasks.add(first());
  tasks.add(Promise.reject(new Error('lost')));
  await tasks.settle();
  expect(done).toEqual(['second']);
  expect(errors).toMatchObject([{ message: 'lost' }]);
  expect(tasks.size).toBe(0);
});

test('ids are UUIDs of version 7 that sort by time', () => {
  const ids = [1, 2, 1_764_000_000_000].map((nowEpochMs) => newId(nowEpochMs));
  expect(ids).toEqual([...ids].sort());
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('addresses', () => {
  const inside = addressMatcher(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']);
  expect(['192.0.2.9', '::ffff:192.0.2.9', '2001:db8::1', '198.51.100.7'].every(inside)).toBe(true);
  expect(['192.0.3.1', '2001:db9::1', '198.51.100.8', 'nonsense', ''].some(inside)).toBe(false);
  expect([isLoopback('127.1.2.3'), isLoopback('::1'), isLoopback('::ffff:127.0.0.1'), isLoopback('10.0.0.1')]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect([isUnspecified('0.0.0.0'), isUnspecified('::'), isUnspecified('127.0.0.1')]).toEqual([true, true, false]);
});

test('audio feed frames survive any cutting of the byte stream', () => {
  const frame = fc.record({
    kind: fc.constantFrom('open' as const, 'audio' as const, 'end' as const),
    channel: fc.constantFrom(0 as const, 1 as const),
    callId: fc.uuid(),
    sample: fc.nat(2 ** 40),
    pcm: fc.int16Array({ maxLength: 50 }),
  });
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(
          frames.map(({ kind, channel, callId, sample, pcm }) =>
            encodeAudioFeedFrame(kind, channel, callId, sample, pcm),
          ),
        );
        const decoder = new AudioFeedDecoder();
        const decoded = [];
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const length = cuts[cut % cuts.length] ?? 1;
          decoded.push(...decoder.push(bytes.subarray(at, at + length)));
          at += length;
        }
        expect(decoded.map(({ pcm, ...rest }) => ({ ...rest, pcm: [...pcm] }))).toEqual(
          frames.map(({ pcm, ...rest }) => ({ ...rest, pcm: [...pcm] })),
        );
      },
    ),
  );
});

test('bytes that are no audio feed frame are refused, whatever they are', () => {
  const refusal = (bytes: Uint8Array): unknown => {
    try {
      new AudioFeedDecoder().push(Buffer.from(bytes));
      return undefined;
    } catch (error) {
      return error;
    }
  };
  expect(refusal(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toBeInstanceOf(RangeError);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const error = refusal(bytes);
      return error === undefined || error instanceof RangeError;
    }),
  );
});
