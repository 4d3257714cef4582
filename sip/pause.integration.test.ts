import { afterEach, expect, test } from 'vitest';
import { establish, openBench, type Bench } from './testing/bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const notes = (): string[] =>
  bench.events.flatMap((event) => (event.type === 'note' ? [`${event.note} ${event.detail}`] : []));

test('a bridged call pauses by the server’s word and by an INFO of a leg, which still reaches the other', async () => {
  bench = await openBench();
  const { callerSide } = await establish(bench);
  const { callId } = bench.media.last;
  expect(bench.server.pause(callId, true, 'user ann')).toBe(true);
  expect(bench.server.pause(callId, true, 'user bob')).toBe(true);
  expect(bench.media.last.paused).toBe(true);
  bench.caller.inDialog(callerSide, 'INFO', { headers: ['Record: on'] });
  bench.callee.reply(await bench.callee.expect('INFO'), 200);
  await bench.caller.expect('200 INFO');
  expect(bench.media.last.paused).toBe(false);
  expect(notes()).toEqual(['paused user ann', 'resumed caller']);
});

test('a copied call pauses by the same word; a call that is not there does not', async () => {
  bench = await openBench();
  const call = await bench.server.intake.begin({
    source: 'websocket',
    sourceName: 'bot',
    sipCallIds: [],
    parties: [],
    headers: {},
  });
  expect(bench.server.pause(call.callId, true, 'user ann')).toBe(true);
  expect(bench.media.lastFork.pauses).toEqual([true]);
  expect(notes()).toEqual(['paused user ann']);
  expect(bench.server.pause('another', true, 'user ann')).toBe(false);
});
