import { afterEach, expect, test } from 'vitest';
import { openBench, type Bench } from './testing/bench.ts';
import { sdp } from './testing/raw-ua.ts';

let bench: Bench;
afterEach(() => bench.close());

test('what the callee says before its answer has come is listened to, as it was offered', async () => {
  bench = await openBench();
  const { caller, callee, media, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  const received = await callee.expect('INVITE');
  expect(media.last.settings('callee')).toMatchObject({
    remote: null,
    acceptedAddresses: ['127.0.0.1'],
    receivedTelephoneEvent: 101,
    talks: true,
    listens: false,
  });
  callee.reply(received, 486);
  caller.ack(invite, await caller.expect('486 INVITE'));
  await bench.ended();
});

test('early media follows the latest 18x with a description, whichever fork it came from', async () => {
  bench = await openBench();
  const { caller, callee, media, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  const received = await callee.expect('INVITE');
  callee.reply(received, 183, { toTag: 'one', body: sdp({ port: 41_000 }) });
  expect((await caller.expect('183 INVITE')).sdp('m=')).toHaveLength(1);
  callee.reply(received, 183, { toTag: 'two', body: sdp({ port: 42_000 }) });
  await caller.expect('183 INVITE');
  callee.reply(received, 180, { toTag: 'three' });
  await caller.expect('180 INVITE');
  expect(media.last.settings('callee')?.remote?.rtpPort).toBe(42_000);
  callee.reply(received, 200, { toTag: 'one', body: sdp({ port: 41_000 }) });
  caller.ack(invite, await caller.expect('200 INVITE'));
  expect(media.last.settings('callee')?.remote?.rtpPort).toBe(41_000);
  // A second fork answers: it is acknowledged and ended, the call goes on.
  callee.reply(received, 200, { toTag: 'two', body: sdp({ port: 42_000 }) });
  await callee.expect((message) => message.method === 'ACK' && message.tag('To') === 'two');
  const bye = await callee.expect('BYE');
  expect(bye.tag('To')).toBe('two');
  callee.reply(bye, 200);
  expect(bench.server.activeCalls).toBe(1);
});

test('a delayed offer: the INVITE goes on without SDP, the answer comes in the ACK', async () => {
  bench = await openBench();
  const { caller, callee, media, port } = bench;
  const invite = caller.invite({ port });
  const received = await callee.expect('INVITE');
  expect(received.body).toBe('');
  callee.reply(received, 200, { body: sdp({ port: 41_000 }) });
  const ok = await caller.expect('200 INVITE');
  expect(ok.sdp('m=')[0]).toContain(`m=audio ${media.last.ports.caller.rtpPort} RTP/AVP 0 8 101`);
  expect(callee.heard('ACK')).toBe(0);
  caller.ack(invite, ok, sdp({ port: 40_000, media: ['m=audio 40000 RTP/AVP 8'] }));
  const ack = await callee.expect('ACK');
  expect(ack.sdp('m=')).toEqual([`m=audio ${media.last.ports.callee.rtpPort} RTP/AVP 8`]);
  expect(media.last.settings('caller')).toMatchObject({ sendLaw: 'pcma', telephoneEvent: null });
  expect(media.last.settings('callee')).toMatchObject({ sendLaw: 'pcma', telephoneEvent: null });
});

test('a delayed offer without an answer ends on both legs', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port });
  callee.reply(await callee.expect('INVITE'), 200, { body: sdp() });
  caller.ack(invite, await caller.expect('200 INVITE'));
  await callee.expect('ACK');
  callee.reply(await callee.expect('BYE'), 200);
  caller.reply(await caller.expect('BYE'), 200);
  expect(await bench.ended()).toMatchObject({ result: 'failed', reason: 'not-acceptable-here' });
});

test('reliable provisionals go through: RSeq on each leg, the PRACK across, the 200 after it', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp(), headers: ['Supported: 100rel'] });
  const received = await callee.expect('INVITE');
  expect(received.header('Supported')).toContain('100rel');
  callee.reply(received, 183, { headers: ['Require: 100rel', 'RSeq: 700'], body: sdp({ port: 41_000 }) });
  const progress = await caller.expect('183 INVITE');
  expect(progress.header('Require')).toContain('100rel');
  const side = caller.callerSide(invite, progress);
  caller.inDialog(side, 'PRACK', { headers: [`RAck: ${progress.header('RSeq')} 1 INVITE`] });
  const prack = await callee.expect('PRACK');
  expect(prack.header('RAck')).toBe(`700 ${received.header('CSeq')}`);
  callee.reply(prack, 200);
  await caller.expect('200 PRACK');
  callee.reply(received, 200);
  const ok = await caller.expect('200 INVITE');
  expect(ok.sdp('m=')).toEqual(progress.sdp('m='));
  caller.ack(invite, ok);
  await callee.expect('ACK');
});

test('a callee that is reliable towards a caller that is not: acknowledged here', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  caller.invite({ port, body: sdp() });
  const received = await callee.expect('INVITE');
  callee.reply(received, 183, { headers: ['Require: 100rel', 'RSeq: 9'], body: sdp() });
  callee.reply(await callee.expect('PRACK'), 200);
  const progress = await caller.expect('183 INVITE');
  expect(progress.header('RSeq')).toBe('');
});

test('Require: 100rel is honoured whatever the callee does', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp(), headers: ['Require: 100rel'] });
  const received = await callee.expect('INVITE');
  callee.reply(received, 180);
  const ringing = await caller.expect('180 INVITE');
  expect(Number(ringing.header('RSeq'))).toBeGreaterThan(0);
  const side = caller.callerSide(invite, ringing);
  caller.inDialog(side, 'PRACK', { headers: [`RAck: ${ringing.header('RSeq')} 1 INVITE`] });
  await caller.expect('200 PRACK');
  callee.reply(received, 200, { body: sdp() });
  caller.ack(invite, await caller.expect('200 INVITE'));
});

test('a delayed offer in a reliable 183 is answered by the PRACK', async () => {
  bench = await openBench();
  const { caller, callee, media, port } = bench;
  const invite = caller.invite({ port, headers: ['Supported: 100rel'] });
  const received = await callee.expect('INVITE');
  callee.reply(received, 183, { headers: ['Require: 100rel', 'RSeq: 5'], body: sdp({ port: 41_000 }) });
  const progress = await caller.expect('183 INVITE');
  expect(progress.sdp('m=')[0]).toContain(`m=audio ${media.last.ports.caller.rtpPort} `);
  const side = caller.callerSide(invite, progress);
  caller.inDialog(side, 'PRACK', {
    headers: [`RAck: ${progress.header('RSeq')} 1 INVITE`, 'Content-Type: application/sdp'],
    body: sdp({ port: 40_000 }),
  });
  const prack = await callee.expect('PRACK');
  expect(prack.sdp('m=')[0]).toContain(`m=audio ${media.last.ports.callee.rtpPort} `);
  callee.reply(prack, 200);
  await caller.expect('200 PRACK');
  callee.reply(received, 200);
  const ok = await caller.expect('200 INVITE');
  expect(ok.body).toBe('');
  caller.ack(invite, ok);
  await callee.expect('ACK');
  expect(media.last.settings('caller')?.remote?.rtpPort).toBe(40_000);
});

test('UPDATE before the answer goes through', async () => {
  bench = await openBench();
  const { caller, callee, media, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  const received = await callee.expect('INVITE');
  callee.reply(received, 183, { body: sdp({ port: 41_000 }), headers: ['Allow: INVITE, ACK, UPDATE'] });
  const progress = await caller.expect('183 INVITE');
  callee.inDialog(callee.calleeSide(received), 'UPDATE', { body: sdp({ port: 46_000, version: 2 }) });
  const fromCallee = await caller.expect('UPDATE');
  caller.reply(fromCallee, 200, { body: sdp() });
  await callee.expect('200 UPDATE');
  expect(media.last.settings('callee')?.remote?.rtpPort).toBe(46_000);
  caller.inDialog(caller.callerSide(invite, progress), 'UPDATE', { body: sdp({ port: 47_000, version: 2 }) });
  const fromCaller = await callee.expect('UPDATE');
  callee.reply(fromCaller, 200, { body: sdp({ port: 46_000, version: 2 }) });
  await caller.expect('200 UPDATE');
  expect(media.last.settings('caller')?.remote?.rtpPort).toBe(47_000);
});

/** The caller has PRACKed a reliable 183 with a new offer; resolves with what there is to go on with. */
async function offerInPrack(calleeHeaders: readonly string[], body = sdp({ port: 48_000, version: 2 })) {
  bench = await openBench();
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp(), headers: ['Require: 100rel'] });
  const received = await callee.expect('INVITE');
  callee.reply(received, 183, { headers: calleeHeaders, body: sdp({ port: 41_000 }) });
  const progress = await caller.expect('183 INVITE');
  caller.inDialog(caller.callerSide(invite, progress), 'PRACK', {
    headers: [`RAck: ${progress.header('RSeq')} 1 INVITE`, 'Content-Type: application/sdp'],
    body,
  });
  return { caller, callee, invite, received };
}

test.each([
  ['PRACK', ['Require: 100rel', 'RSeq: 5']],
  ['UPDATE', ['Allow: INVITE, ACK, UPDATE']],
] as const)('a further offer in a PRACK goes on by %s and is answered in the 200', async (method, headers) => {
  const { caller, callee, invite, received } = await offerInPrack(headers);
  const offered = await callee.expect(method);
  expect(offered.sdp('m=')[0]).toContain(`m=audio ${bench.media.last.ports.callee.rtpPort} `);
  callee.reply(offered, 200, { body: sdp({ port: 42_000, version: 2, direction: 'recvonly' }) });
  const ok = await caller.expect('200 PRACK');
  expect(ok.sdp('m=')[0]).toContain(`m=audio ${bench.media.last.ports.caller.rtpPort} `);
  expect(ok.sdp('a=recvonly')).toHaveLength(1);
  // The answer to the INVITE's own offer, come again, is out of date.
  callee.reply(received, 200, { body: sdp({ port: 41_000 }) });
  const answered = await caller.expect('200 INVITE');
  expect(answered.sdp('o=')).toEqual(ok.sdp('o='));
  caller.ack(invite, answered);
  expect(bench.media.last.settings('caller')).toMatchObject({ listens: true, remote: { rtpPort: 48_000 } });
  expect(bench.media.last.settings('callee')).toMatchObject({ talks: false, remote: { rtpPort: 42_000 } });
});

test.each([
  ['a callee that knows neither PRACK nor UPDATE', ['Allow: INVITE, ACK'], sdp({ version: 2 })],
  ['SRTP alone', ['Allow: INVITE, ACK, UPDATE'], sdp({ media: ['m=audio 4000 RTP/SAVP 0'] })],
])('an offer in a PRACK that cannot be taken on is 488, and the call goes on: %s', async (_, headers, body) => {
  const { caller, callee, invite, received } = await offerInPrack(headers, body);
  await caller.expect('488 PRACK');
  callee.reply(received, 200, { body: sdp({ port: 41_000 }) });
  caller.ack(invite, await caller.expect('200 INVITE'));
  expect(bench.media.last.settings('caller')?.remote?.rtpPort).toBe(40_000);
});

test('a reliable provisional that the caller never acknowledges ends the call', async () => {
  bench = await openBench({}, { t1Ms: 20 });
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp(), headers: ['Require: 100rel'] });
  const received = await callee.expect('INVITE');
  callee.reply(received, 180);
  caller.ack(invite, await caller.expect('504 INVITE'));
  callee.reply(await callee.expect('CANCEL'), 200);
  callee.reply(received, 487);
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'no-ack', sipStatus: 504 });
});
