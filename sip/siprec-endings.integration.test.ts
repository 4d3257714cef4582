import { afterEach, expect, test } from 'vitest';
import { plainRecording, recordingOffer, sdpBody, siprecHeaders } from './siprec/testing/bodies.ts';
import { RecorderBench } from './siprec/testing/recorder-bench.ts';

const recorder = new RecorderBench();
afterEach(() => recorder.close());

test('the house ends it: BYE to the client, and a reason', async () => {
  const bench = await recorder.open({ sip: { maxDurationS: 0.2 } });
  const { src } = await recorder.recording();
  src.reply(await src.expect('BYE'), 200);
  expect(await bench.ended()).toEqual({ result: 'completed', reason: 'max-duration', sipStatus: null });
  await bench.server.whenIdle();
  expect((await src.request('UPDATE')).status).toBe(481);
});

test('no RTP, a lost worker, a stopped server: each ends with its own reason', async () => {
  const bench = await recorder.open();
  for (const [kind, reason] of [
    ['timeout', 'rtp-timeout'],
    ['failed', 'media-failed'],
  ] as const) {
    const { src } = await recorder.recording();
    bench.media.trouble(bench.media.lastFork.callId, kind);
    src.reply(await src.expect('BYE'), 200);
    await expect
      .poll(() => bench.events.at(-1))
      .toMatchObject({ type: 'ended', termination: { result: 'failed', reason } });
  }
  const { src } = await recorder.recording();
  const closing = bench.server.hangUpAll('server-shutdown');
  src.reply(await src.expect('BYE'), 200);
  await closing;
  expect(bench.events.at(-1)).toMatchObject({ termination: { result: 'completed', reason: 'server-shutdown' } });
});

test('CANCEL before the answer, and a 200 that is never acknowledged', async () => {
  const bench = await recorder.open({}, { t1Ms: 20 });
  const slow = bench.media.openFork.bind(bench.media);
  let go = (): void => undefined;
  bench.media.openFork = async (request) => {
    await new Promise<void>((resolve) => {
      go = resolve;
    });
    return slow(request);
  };
  const cancelled = await recorder.client();
  const final = cancelled.invite({ headers: siprecHeaders, body: plainRecording() });
  await cancelled.expect((message) => message.status === 100);
  await expect.poll(() => bench.events.length).toBe(1);
  cancelled.cancel();
  expect((await final).status).toBe(487);
  go();
  await expect
    .poll(() => bench.events.at(-1))
    .toMatchObject({ termination: { result: 'cancelled', reason: 'caller-cancelled' } });
  bench.media.openFork = async (request) => {
    const fork = await slow(request);
    const add = fork.addRtp.bind(fork);
    fork.addRtp = async (side) => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      return add(side);
    };
    return fork;
  };
  const later = await recorder.client();
  const refused = later.invite({ headers: siprecHeaders, body: plainRecording() });
  await expect.poll(() => bench.media.forks.length).toBe(2);
  later.cancel();
  expect((await refused).status).toBe(487);
  await expect.poll(() => bench.server.activeCalls).toBe(0);
  go();
  bench.media.openFork = slow;
  const silent = await recorder.client();
  await silent.invite({ headers: siprecHeaders, body: plainRecording() });
  silent.reply(await silent.expect('BYE'), 200);
  await expect.poll(() => bench.events.at(-1)).toMatchObject({ termination: { reason: 'no-ack' } });
});

test('OPTIONS in and outside the dialog; methods that a recorder has no use for', async () => {
  const bench = await recorder.open();
  const { src } = await recorder.recording();
  const options = await src.request('OPTIONS');
  expect(options.header('Accept')).toContain('application/rs-metadata+xml');
  expect(options.header('Supported')).toContain('siprec');
  expect((await src.request('REFER')).status).toBe(405);
  expect((await src.request('UPDATE', { headers: ['Require: telepathy'] })).status).toBe(420);
  expect((await src.request('UPDATE', { body: { contentType: 'text/plain', body: 'hello' } })).status).toBe(415);
  expect((await src.request('INVITE', { body: sdpBody(recordingOffer([{ formats: '18' }])) })).status).toBe(488);
  expect(bench.server.activeCalls).toBe(1);
});

test('session timers: kept with a client that knows them, not forced on one that does not', async () => {
  await recorder.open();
  const { ok } = await recorder.recording({
    headers: [...siprecHeaders, 'Supported: timer', 'Session-Expires: 1800;refresher=uac'],
    body: plainRecording(),
  });
  expect(ok.header('Session-Expires')).toBe('1800;refresher=uac');
  expect((await recorder.recording()).ok.header('Session-Expires')).toBe('');
  const short = await (
    await recorder.client()
  ).invite({ headers: ['Supported: timer', 'Session-Expires: 60'], body: plainRecording() });
  expect([short.status, short.header('Min-SE')]).toEqual([422, '90']);
});
