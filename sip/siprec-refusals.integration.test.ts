import { afterEach, expect, test } from 'vitest';
import { bothBodies, plainRecording, recordingOffer, sdpBody, siprecHeaders } from './siprec/testing/bodies.ts';
import type { ClientInvite } from './siprec/testing/recording-client.ts';
import { RecorderBench } from './siprec/testing/recorder-bench.ts';

const recorder = new RecorderBench();
afterEach(() => recorder.close());

const sdpOnly = (text: string): ClientInvite => ({ headers: siprecHeaders, body: sdpBody(text) });

test.each<[number, string, ClientInvite, Record<string, unknown>, string, RegExp]>([
  [400, 'a description that cannot be read', sdpOnly('v=1\r\nnothing'), {}, 'Warning', /begin .* v=0 .*o= line/],
  [
    400,
    'a boundary that is not there',
    { body: { contentType: 'multipart/mixed;boundary=x', body: 'nothing' }, headers: siprecHeaders },
    {},
    'Warning',
    /boundary/,
  ],
  [
    400,
    'entities',
    { headers: siprecHeaders, body: bothBodies(recordingOffer(), '<!DOCTYPE a [<!ENTITY b "c">]><recording/>') },
    {},
    'Warning',
    /DOCTYPE/,
  ],
  [
    415,
    'a body of another kind',
    { headers: siprecHeaders, body: { contentType: 'application/json', body: '{}' } },
    {},
    'Accept',
    /rs-metadata\+xml/,
  ],
  [
    420,
    'an extension that nobody knows',
    { headers: ['Require: siprec, telepathy'], body: plainRecording() },
    {},
    'Unsupported',
    /^telepathy$/,
  ],
  [
    421,
    'the extension not named where policy wants it',
    { body: plainRecording() },
    { siprec: { requireExtension: true } },
    'Require',
    /^siprec$/,
  ],
  [
    486,
    'full, where the client is to be told so',
    { headers: siprecHeaders, body: plainRecording() },
    { siprec: { fullStatus: 486 }, intake: { maxCalls: 1 } },
    'Warning',
    /maxCalls/,
  ],
  [
    488,
    'G.729 alone',
    sdpOnly(recordingOffer([{ formats: '18' }])),
    {},
    'Warning',
    /^305 sidetone "offer PCMU or PCMA \(G\.711\); offered were telephone-event G729"$/,
  ],
  [
    488,
    'a dynamic format that nothing names',
    sdpOnly('v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 30000 RTP/AVP 96\r\n'),
    {},
    'Warning',
    /^305 sidetone "offer PCMU or PCMA \(G\.711\); no a=rtpmap says what was offered"$/,
  ],
  [488, 'SRTP alone', sdpOnly(recordingOffer().replaceAll('RTP/AVP', 'RTP/SAVP')), {}, 'Warning', /RTP\/AVP/],
  [
    503,
    'full',
    { headers: siprecHeaders, body: plainRecording() },
    { intake: { maxCalls: 1 } },
    'Retry-After',
    /^\d+$/,
  ],
  [
    603,
    'a participant who is not recorded',
    { headers: siprecHeaders, body: plainRecording() },
    { siprec: { exclude: ['^sip:bob@'] } },
    'Warning',
    /siprec\.exclude/,
  ],
])('%i: %s', async (status, _what, invite, config, header, value) => {
  const bench = await recorder.open(config);
  if (status === 486 || status === 503) await recorder.recording();
  const calls = bench.server.activeCalls;
  const refusal = await (await recorder.client()).invite(invite);
  expect(refusal.status).toBe(status);
  expect(refusal.header(header)).toMatch(value);
  expect(bench.server.activeCalls).toBe(calls);
});

test('draining: 503 with Retry-After at once, and what is recorded goes on', async () => {
  const bench = await recorder.open();
  const { src } = await recorder.recording();
  bench.server.drain();
  const refusal = await (await recorder.client()).invite({ headers: siprecHeaders, body: plainRecording() });
  expect([refusal.status, refusal.header('Retry-After')]).toEqual([503, '30']);
  await expect(
    bench.server.intake.begin({ source: 'websocket', sourceName: 'x', sipCallIds: [], parties: [], headers: {} }),
  ).rejects.toMatchObject({ code: 'server-draining' });
  expect((await src.request('UPDATE')).status).toBe(200);
  await src.request('BYE');
  await bench.server.whenIdle();
});

test('no RTP ports: 503 with Retry-After, and the call that was announced has its end', async () => {
  const bench = await recorder.open();
  bench.media.streamLimit = 1;
  const refusal = await (await recorder.client()).invite({ headers: siprecHeaders, body: plainRecording() });
  expect([refusal.status, refusal.header('Retry-After')]).toEqual([503, '10']);
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'ports-exhausted', sipStatus: 503 });
  await expect.poll(() => bench.media.lastFork.closed).toBe(true);
});

test('who may record: a stranger is challenged, and no recording comes of it', async () => {
  const bench = await recorder.open({ sip: { digest: { users: [{ name: 'sbc', password: 'secret' }] } } });
  const refusal = await (await recorder.client()).invite({ headers: siprecHeaders, body: plainRecording() });
  expect(refusal.status).toBe(401);
  expect(bench.events).toEqual([]);
});

test('an ordinary call is none of the recorder’s business', async () => {
  const bench = await recorder.open();
  const phone = await recorder.client();
  phone.sendInvite({ contactParameters: '', body: sdpBody(recordingOffer([{ direction: 'sendrecv' }])) });
  bench.callee.reply(await bench.callee.expect('INVITE'), 486);
  expect((await phone.expect((message) => message.status >= 200)).status).toBe(486);
  expect(bench.events[0]).toMatchObject({ type: 'ringing', source: 'b2bua' });
});
