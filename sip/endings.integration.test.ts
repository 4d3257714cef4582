import { afterEach, expect, test } from 'vitest';
import { configSchema } from '#lib/config/schema.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { startSipEngine } from './engine/engine.ts';
import { startSipServer } from './server.ts';
import { establish, openBench, type Bench } from './testing/bench.ts';
import { SmallMediaGateway } from './testing/media-gateway.ts';
import { RawUa, sdp } from './testing/raw-ua.ts';

let bench: Bench;
afterEach(() => bench.close());

async function bothGetBye(): Promise<void> {
  const { caller, callee } = bench;
  const [atCaller, atCallee] = await Promise.all([caller.expect('BYE'), callee.expect('BYE')]);
  caller.reply(atCaller, 200);
  callee.reply(atCallee, 200);
}

test('no ACK from the caller within 64*T1: BYE on both legs', async () => {
  bench = await openBench({}, { t1Ms: 20 });
  const { caller, callee, port } = bench;
  caller.invite({ port, body: sdp() });
  callee.reply(await callee.expect('INVITE'), 200, { body: sdp() });
  await bothGetBye();
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'no-ack', sipStatus: null });
});

test('the callee hangs up before the caller’s ACK: the BYE waits for it', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  const received = await callee.expect('INVITE');
  callee.reply(received, 200, { body: sdp() });
  const ok = await caller.expect('200 INVITE');
  callee.inDialog(callee.calleeSide(received), 'BYE');
  await callee.expect('200 BYE');
  expect(await bench.ended()).toMatchObject({ result: 'completed', reason: 'callee-hung-up' });
  expect(caller.heard('BYE')).toBe(0);
  caller.ack(invite, ok);
  caller.reply(await caller.expect('BYE'), 200);
  await bench.server.whenIdle();
});

test('the longest a call may last', async () => {
  bench = await openBench({ sip: { maxDurationS: 0.2 } });
  await establish(bench);
  await bothGetBye();
  expect(await bench.ended()).toEqual({ result: 'completed', reason: 'max-duration', sipStatus: null });
});

test.each([
  ['timeout', 'rtp-timeout'],
  ['failed', 'media-failed'],
] as const)('media reports %s: both legs are ended, reason %s', async (kind, reason) => {
  bench = await openBench();
  await establish(bench);
  bench.media.trouble(bench.media.last.callId, kind);
  await bothGetBye();
  expect(await bench.ended()).toEqual({ result: 'failed', reason, sipStatus: null });
  await bench.server.whenIdle();
  expect(await bench.metrics.render()).toContain(
    `sidetone_sip_calls_ended_total{result="failed",reason="${reason}"} 1`,
  );
});

test('hangUpAll: a call whose ports are being opened is ended as soon as it lives, and waited for', async () => {
  bench = await openBench();
  const { caller, media, server, port } = bench;
  let opened = (): void => undefined;
  const waiting = new Promise<void>((resolve) => (opened = resolve));
  const open = media.open.bind(media);
  media.open = async (request) => {
    await waiting;
    return open(request);
  };
  const invite = caller.invite({ port, body: sdp() });
  await expect.poll(() => server.activeCalls).toBe(1);
  const over = server.hangUpAll('server-shutdown');
  opened();
  caller.ack(invite, await caller.expect('503 INVITE'));
  await over;
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'server-shutdown', sipStatus: 503 });
  expect([media.last.closed, server.activeCalls, bench.callee.heard('INVITE')]).toEqual([true, 0, 0]);
});

test('hangUpAll: BYE on the legs of a call that is up, 503 and CANCEL for one that rings', async () => {
  bench = await openBench();
  const { caller, callee, server, port } = bench;
  await establish(bench);
  const ringing = caller.invite({ port, body: sdp() });
  const received = await callee.expect((message) => message.method === 'INVITE');
  callee.reply(received, 180);
  await caller.expect('180 INVITE');
  expect(server.activeCalls).toBe(2);
  const over = server.hangUpAll('server-shutdown');
  caller.ack(ringing, await caller.expect('503 INVITE'));
  callee.reply(await callee.expect('CANCEL'), 200);
  callee.reply(received, 487);
  await bothGetBye();
  await over;
  expect(server.activeCalls).toBe(0);
  const results = bench.events.flatMap((event) => (event.type === 'ended' ? [event.termination] : []));
  expect(results).toEqual([
    { result: 'completed', reason: 'server-shutdown', sipStatus: null },
    { result: 'failed', reason: 'server-shutdown', sipStatus: 503 },
  ]);
});

test('a session that its peer does not refresh ends on both legs', async () => {
  bench = await openBench({ sip: { allow: ['127.0.0.1'] } });
  const { caller, callee } = bench;
  await establish(bench, {
    calleeHeaders: ['Allow: INVITE, ACK, BYE', 'Require: timer', 'Session-Expires: 2;refresher=uas'],
  });
  await bothGetBye();
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'session-expired', sipStatus: null });
  expect([caller.heard('BYE'), callee.heard('BYE')]).toEqual([1, 1]);
});

test('we refresh where that is our part, with the same session, and a refusal ends both legs', async () => {
  bench = await openBench();
  const { callee } = bench;
  const call = await establish(bench, {
    calleeHeaders: ['Allow: INVITE, ACK, BYE', 'Session-Expires: 2;refresher=uac'],
  });
  const refresh = await callee.expect((message) => message.method === 'INVITE' && message.tag('To') !== '');
  expect(refresh.sdp('o=')).toEqual(call.calleeInvite.sdp('o='));
  callee.reply(refresh, 481);
  const atCaller = await bench.caller.expect('BYE');
  bench.caller.reply(atCaller, 200);
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'session-expired', sipStatus: null });
});

test('a callee that answers with nothing to bridge: it is hung up, the caller gets 488', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  callee.reply(await callee.expect('INVITE'), 200, { body: sdp({ media: ['m=audio 0 RTP/AVP 0'] }) });
  await callee.expect('ACK');
  callee.reply(await callee.expect('BYE'), 200);
  caller.ack(invite, await caller.expect('488 INVITE'));
  expect(await bench.ended()).toEqual({ result: 'rejected', reason: 'not-acceptable-here', sipStatus: 488 });
});

test('whether a call may be kept: by header, by route, else by the configuration', async () => {
  bench = await openBench({
    record: 'all',
    sip: { recordHeader: 'X-Record' },
    routes: [{ match: '^3', to: 'sip:$0@127.0.0.1:CALLEE', record: 'none' }, { to: 'sip:$0@127.0.0.1:CALLEE' }],
  });
  const { caller, callee, port, media } = bench;
  for (const [user, headers] of [
    ['200', []],
    ['300', []],
    ['300', ['X-Record: redacted-only']],
    ['300', ['X-Record: nonsense']],
  ] as const) {
    caller.invite({ port, user, body: sdp(), headers });
    await callee.expect('INVITE');
  }
  expect(media.calls.map((call) => call.record)).toEqual(['all', 'none', 'redacted-only', 'none']);
});

test('the same application runs on an engine that the configuration names', async () => {
  bench = await openBench();
  const metrics = createMetrics();
  const common = { logger: silentLogger, metrics };
  const engine = await startSipEngine({ host: '127.0.0.1', port: 0, transports: ['udp'], ...common });
  const media = new SmallMediaGateway();
  const callee = await RawUa.open();
  const config = configSchema.parse({
    drachtio: `127.0.0.1:${engine.control.port}:${engine.control.secret}`,
    routes: [{ to: `sip:$0@127.0.0.1:${callee.port}` }],
  });
  const server = await startSipServer({ config, media, ...common });
  expect(server.bindings).toEqual(engine.bindings);
  bench.caller.invite({ port: server.bindings[0]?.port ?? 0, body: sdp() });
  callee.reply(await callee.expect('INVITE'), 486);
  await bench.caller.expect('486 INVITE');
  await server.close();
  await engine.close();
  await media.close();
  await callee.close();
});
