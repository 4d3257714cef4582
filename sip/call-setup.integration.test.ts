import { afterEach, expect, test } from 'vitest';
import { establish, openBench, type Bench } from './testing/bench.ts';
import { sdp } from './testing/raw-ua.ts';

let bench: Bench;
afterEach(() => bench.close());

test('a call is bridged with our address, ports and header fields on each leg, and ends with a reason', async () => {
  bench = await openBench();
  const { caller, callee, media, events, server } = bench;
  const call = await establish(bench);
  expect(call.calleeInvite.uri).toBe(`sip:200@127.0.0.1:${callee.port}`);
  expect(call.calleeInvite.header('Max-Forwards')).toBe('69');
  expect(call.calleeInvite.header('Call-ID')).not.toBe(call.invite.header('Call-ID'));
  expect(call.calleeInvite.sdp('m=')).toEqual([`m=audio ${media.last.ports.callee.rtpPort} RTP/AVP 0 8 101`]);
  expect(call.ok.sdp('m=')).toEqual([`m=audio ${media.last.ports.caller.rtpPort} RTP/AVP 0 8 101`]);
  expect(media.last.settings('callee')?.remote).toEqual({ address: '127.0.0.1', rtpPort: 41_000, rtcpPort: 41_001 });
  expect(server.activeCalls).toBe(1);
  caller.inDialog(call.callerSide, 'BYE');
  await caller.expect('200 BYE');
  callee.reply(await callee.expect('BYE'), 200);
  expect(await bench.ended()).toEqual({ result: 'completed', reason: 'caller-hung-up', sipStatus: null });
  await server.whenIdle();
  expect(media.last.closed).toBe(true);
  expect(events.map((event) => event.type)).toEqual(['ringing', 'leg', 'answered', 'ended']);
  const ringing = events[0];
  expect(ringing?.type === 'ringing' && ringing.parties.map((party) => party.uri)).toEqual([
    'sip:100@example.org',
    `sip:200@127.0.0.1`,
  ]);
});

test('the callee hangs up', async () => {
  bench = await openBench();
  const { caller, callee } = bench;
  const call = await establish(bench);
  callee.inDialog(call.calleeSide, 'BYE', { headers: ['Reason: Q.850;cause=16'] });
  await callee.expect('200 BYE');
  const bye = await caller.expect('BYE');
  expect(bye.header('Reason')).toBe('Q.850;cause=16');
  caller.reply(bye, 200);
  expect(await bench.ended()).toEqual({ result: 'completed', reason: 'callee-hung-up', sipStatus: null });
});

test('the caller cancels', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  const received = await callee.expect('INVITE');
  callee.reply(received, 180);
  await caller.expect('180 INVITE');
  caller.cancel(invite);
  await caller.expect('200 CANCEL');
  caller.ack(invite, await caller.expect('487 INVITE'));
  callee.reply(await callee.expect('CANCEL'), 200);
  callee.reply(received, 487);
  expect(await bench.ended()).toEqual({ result: 'cancelled', reason: 'caller-cancelled', sipStatus: 487 });
});

test('a 200 that crosses the CANCEL is acknowledged and ended with BYE', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  const received = await callee.expect('INVITE');
  callee.reply(received, 180);
  await caller.expect('180 INVITE');
  caller.cancel(invite);
  await callee.expect('CANCEL');
  callee.reply(received, 200, { body: sdp() });
  await callee.expect('ACK');
  callee.reply(await callee.expect('BYE'), 200);
  expect((await bench.ended()).reason).toBe('caller-cancelled');
});

test('legs that settle on different laws and telephone-event numbers: media is told of each', async () => {
  bench = await openBench();
  await establish(bench, {
    offer: sdp({ media: ['m=audio 40000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000'] }),
    answer: sdp({ media: ['m=audio 41000 RTP/AVP 8 96', 'a=rtpmap:96 telephone-event/8000', 'a=ptime:30'] }),
  });
  expect(bench.media.last.settings('caller')).toMatchObject({
    sendLaw: 'pcmu',
    telephoneEvent: 101,
    receivedTelephoneEvent: 101,
    ptimeMs: 20,
  });
  // The callee wants 96 and sends what we asked for: the 101 of our offer (RFC 3264 section 5.1).
  expect(bench.media.last.settings('callee')).toMatchObject({
    sendLaw: 'pcma',
    telephoneEvent: 96,
    receivedTelephoneEvent: 101,
    ptimeMs: 30,
  });
});

test('descriptions without a Content-Type, as some devices send them, are taken for what they are', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp(), untyped: true });
  const received = await callee.expect('INVITE');
  expect(received.header('Content-Type')).toBe('application/sdp');
  callee.reply(received, 200, { body: sdp({ port: 41_000 }), untyped: true });
  const ok = await caller.expect('200 INVITE');
  caller.ack(invite, ok);
  expect(ok.header('Content-Type')).toBe('application/sdp');
  expect(bench.media.last.settings('callee')?.remote?.rtpPort).toBe(41_000);
});
