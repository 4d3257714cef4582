import { expect, test } from 'vitest';
import type { LiveEvent } from '#analytics/types.ts';
import { exampleUtterance, wordsOf } from '#test/dashboards/example-call.ts';
import { ReplayBuffer } from './replay-buffer.ts';

const partial = (callId: string, segmentId: string): LiveEvent => ({
  type: 'partial',
  callId,
  side: 'caller',
  segmentId,
  words: wordsOf('so far', 0, 500),
});
const said = (callId: string, index: number, revision = 1): LiveEvent => ({
  type: 'utterance',
  callId,
  segmentId: `s${index}`,
  utterance: { ...exampleUtterance(callId, index, ['caller', 0, 900, 'hello', 0]), revision },
});

test('what is older than the buffer cannot be caught up, and that is said', () => {
  const buffer = new ReplayBuffer(10);
  for (let i = 0; i < 100; i++) buffer.push(said('a', i));
  expect(buffer.since(0)).toBeUndefined();
  expect(buffer.since(95)?.map(({ seq }) => seq)).toEqual([96, 97, 98, 99, 100]);
  expect(buffer.since(100)).toEqual([]);
  expect(buffer.since(101)).toBeUndefined();
});

test('a final takes the place of its partials, and of no others', () => {
  const buffer = new ReplayBuffer(10);
  for (const event of [partial('a', 's1'), partial('a', 's2'), partial('b', 's1'), said('a', 1)]) buffer.push(event);
  expect(buffer.since(0)?.map(({ seq }) => seq)).toEqual([2, 3, 4]);
});

test('a rewritten utterance takes out its older text and every partial of its call', () => {
  const buffer = new ReplayBuffer(10);
  for (const event of [said('a', 1), partial('a', 's2'), said('a', 3), said('b', 1), said('a', 1, 2)])
    buffer.push(event);
  expect(buffer.since(0)?.map(({ seq }) => seq)).toEqual([3, 4, 5]);
});

test('a deleted call is forgotten', () => {
  const buffer = new ReplayBuffer(10);
  for (const event of [said('a', 1), said('b', 1)]) buffer.push(event);
  buffer.forgetCall('a');
  expect(buffer.since(0)?.map(({ seq }) => seq)).toEqual([2]);
});
