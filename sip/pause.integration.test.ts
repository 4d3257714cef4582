import { afterEach, expect, test } from 'vitest';
import { plainRecording, siprecHeaders } from './siprec/testing/bodies.ts';
import { RecordingClient } from './siprec/testing/recording-client.ts';
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
  expect(bench.media.last.paused).toBe(true);
  expect(bench.server.pause(callId, false, 'user bob')).toBe(true);
  expect(bench.media.last.paused).toBe(false);
  expect(notes()).toEqual(['paused user ann', 'resumed user bob']);
});

test('a pause asked for by name is lifted by name alone; who lifts by name lifts those of keys and legs too', async () => {
  bench = await openBench({ pause: { dtmf: { pause: '*71', resume: '*72' } } });
  const { callerSide } = await establish(bench);
  const { last } = bench.media;
  const info = async (command: 'on' | 'off'): Promise<void> => {
    bench.caller.inDialog(callerSide, 'INFO', { headers: [`Record: ${command}`] });
    bench.callee.reply(await bench.callee.expect('INFO'), 200);
    await bench.caller.expect('200 INFO');
  };
  bench.server.pause(last.callId, true, 'payment page');
  bench.media.pauseCode(last.callId, false);
  expect(last.paused).toBe(true);
  bench.media.pauseCode(last.callId, true);
  bench.media.pauseCode(last.callId, false);
  await info('off');
  await info('on');
  expect(last.paused).toBe(true);
  bench.server.pause(last.callId, false, 'payment page');
  expect(last.paused).toBe(false);
  bench.media.pauseCode(last.callId, true);
  await info('off');
  await info('on');
  expect(last.paused).toBe(true);
  bench.server.pause(last.callId, false, 'dtmf');
  expect(last.paused).toBe(false);
  expect(notes()).toEqual([
    'paused payment page',
    'paused dtmf',
    'resumed dtmf',
    'paused caller',
    'resumed caller',
    'resumed payment page',
    'paused dtmf',
    'paused caller',
    'resumed caller',
    'resumed dtmf',
  ]);
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

const dtmf = { pause: { dtmf: { pause: '*71', resume: '*72' } } };

test('keys by INFO and keys that media has heard pause and resume, where the configuration names some', async () => {
  bench = await openBench(dtmf);
  const { callerSide, calleeSide } = await establish(bench);
  const press = async (side: typeof callerSide, body: string, type = 'application/dtmf-relay'): Promise<void> => {
    const [from, to] = side === callerSide ? [bench.caller, bench.callee] : [bench.callee, bench.caller];
    from.inDialog(side, 'INFO', { headers: [`Content-Type: ${type}`], body });
    to.reply(await to.expect('INFO'), 200);
    await from.expect('200 INFO');
  };
  await press(callerSide, 'Signal=*\r\nDuration=100\r\n');
  await press(callerSide, 'Signal=7\r\n');
  await press(calleeSide, 'Signal=1\r\n');
  expect(bench.media.last.paused).toBe(false);
  await press(callerSide, '1', 'application/dtmf');
  expect(bench.media.last.paused).toBe(true);
  bench.media.pauseCode(bench.media.last.callId, false);
  expect(bench.media.last.paused).toBe(false);
  bench.media.pauseCode('another', true);
  expect(notes()).toEqual(['paused dtmf', 'resumed dtmf']);
});

test('a recording client tells of keys too; without codes in the configuration no key means anything', async () => {
  bench = await openBench(dtmf);
  const src = await RecordingClient.open(bench.port, 'udp');
  await src.invite({ headers: siprecHeaders, body: plainRecording() });
  src.ack();
  const info = async (signal: string): Promise<void> => {
    const body = { contentType: 'application/dtmf-relay', body: `Signal=${signal}\r\n` };
    expect((await src.request('INFO', { body })).status).toBe(200);
  };
  for (const key of '*71') await info(key);
  expect(bench.media.lastFork.pauses).toEqual([true]);
  for (const key of ['10', '7', '2']) await info(key);
  expect(bench.media.lastFork.pauses).toEqual([true, false]);
  expect(notes()).toEqual(['paused dtmf', 'resumed dtmf']);
  src.answerByes();
  await bench.server.hangUpAll('server-shutdown');
  await src.close();
});
