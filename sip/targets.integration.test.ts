import { afterEach, expect, test } from 'vitest';
import { parseDigest } from './auth/digest.ts';
import { openBench, type Bench } from './testing/bench.ts';
import type { RawMessage } from './testing/raw-message.ts';
import { RawUa, sdp } from './testing/raw-ua.ts';

let bench: Bench;
let second: RawUa | undefined;
afterEach(async () => {
  second?.answerByes();
  await bench.close();
  await second?.close();
  second = undefined;
});

/** Two targets: the bench's callee, then `second`. */
async function openTwo(sip: Record<string, unknown> = {}): Promise<RawUa> {
  second = await RawUa.open();
  const to = ['sip:$0@127.0.0.1:CALLEE', `sip:$0@127.0.0.1:${second.port}`];
  bench = await openBench({ routes: [{ to }], sip });
  return second;
}

async function final(invite: RawMessage): Promise<RawMessage> {
  const response = await bench.caller.expect((message) => message.method === 'INVITE' && message.status >= 200);
  bench.caller.ack(invite, response);
  return response;
}

test.each([
  [503, {}],
  [408, {}],
  [500, {}],
  [600, { retryOn6xx: true }],
])('%i from the first target: the second is tried', async (status, sip) => {
  const other = await openTwo(sip);
  const invite = bench.caller.invite({ port: bench.port, body: sdp() });
  bench.callee.reply(await bench.callee.expect('INVITE'), status);
  other.reply(await other.expect('INVITE'), 200, { body: sdp({ port: 42_000 }) });
  expect((await final(invite)).status).toBe(200);
  await other.expect('ACK');
  expect(bench.media.last.settings('callee')?.remote?.rtpPort).toBe(42_000);
  const notes = bench.events.flatMap((event) => (event.type === 'note' ? [`${event.note} ${event.detail}`] : []));
  expect(notes).toEqual([`target-failed ${status}`]);
  expect(bench.events.filter((event) => event.type === 'leg')).toHaveLength(2);
});

test.each([
  [486, 'callee-busy'],
  [603, 'callee-declined'],
  [404, 'callee-rejected'],
])('%i ends the search', async (status, reason) => {
  const other = await openTwo();
  const invite = bench.caller.invite({ port: bench.port, body: sdp() });
  const received = await bench.callee.expect('INVITE');
  bench.callee.reply(received, status, { headers: ['Reason: Q.850;cause=17'] });
  const response = await final(invite);
  expect([response.status, response.header('Reason')]).toEqual([status, 'Q.850;cause=17']);
  expect(await bench.ended()).toEqual({ result: 'rejected', reason, sipStatus: status });
  expect(other.log).toEqual([]);
});

test('a target that says nothing is left for the next; what it answers late is ended', async () => {
  const other = await openTwo({ firstResponseTimeoutS: 0.3 });
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  const silent = await callee.expect('INVITE');
  other.reply(await other.expect('INVITE'), 200, { body: sdp() });
  expect((await final(invite)).status).toBe(200);
  callee.reply(silent, 200, { body: sdp(), toTag: 'late' });
  await callee.expect('ACK');
  callee.reply(await callee.expect('BYE'), 200);
  expect(bench.server.activeCalls).toBe(1);
  await forgotten(silent, 'late');
});

test.each([180, 200])('a %i that crosses our CANCEL leaves nothing behind when the call is over', async (status) => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  const received = await callee.expect('INVITE');
  callee.reply(received, 100);
  callee.reply(received, 180, { toTag: 'first' });
  await caller.expect('180 INVITE');
  caller.cancel(invite);
  caller.ack(invite, await caller.expect('487 INVITE'));
  const cancel = await callee.expect('CANCEL');
  callee.reply(received, status, { toTag: 'crossing', ...(status === 200 ? { body: sdp() } : {}) });
  callee.reply(cancel, 200);
  if (status === 200) callee.reply(await callee.expect('BYE'), 200);
  else callee.reply(received, 487);
  await bench.server.whenIdle();
  await forgotten(received, 'crossing');
  expect(bench.server.activeCalls).toBe(0);
});

/** No leg goes by the dialog that the callee's answer with this tag made: a Replaces of it is 481 (RFC 3891 section 3). */
async function forgotten(received: RawMessage, toTag: string): Promise<void> {
  const replaced = `${received.header('Call-ID')};to-tag=${toTag};from-tag=${received.tag('From')}`;
  const asking = bench.caller.invite({ port: bench.port, body: sdp(), headers: [`Replaces: ${replaced}`] });
  const response = await bench.caller.expect((message) => {
    return message.header('Call-ID') === asking.header('Call-ID') && message.status > 100;
  });
  bench.caller.ack(asking, response);
  expect(response.status).toBe(481);
}

test('one that rings too long is cancelled; the last one gives 480', async () => {
  bench = await openBench({ sip: { ringTimeoutS: 0.4 } });
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  const received = await callee.expect('INVITE');
  callee.reply(received, 180);
  callee.reply(await callee.expect('CANCEL'), 200);
  callee.reply(received, 487);
  expect((await final(invite)).status).toBe(480);
  expect(await bench.ended()).toEqual({ result: 'cancelled', reason: 'no-answer', sipStatus: 480 });
});

test('no target can be reached', async () => {
  bench = await openBench({
    routes: [{ to: ['sip:$0@no-such-host.invalid', 'sip:$0@127.0.0.1:1;transport=tcp'] }],
  });
  const invite = bench.caller.invite({ port: bench.port, body: sdp() });
  expect((await final(invite)).status).toBe(503);
  expect(await bench.ended()).toEqual({ result: 'failed', reason: 'no-target-reachable', sipStatus: 503 });
});

test('a host name is resolved', async () => {
  bench = await openBench({ routes: [{ to: 'sip:$0@localhost:CALLEE' }] });
  bench.caller.invite({ port: bench.port, body: sdp() });
  expect((await bench.callee.expect('INVITE')).uri).toBe(`sip:200@localhost:${bench.callee.port}`);
});

test('a redirect is passed to the caller', async () => {
  bench = await openBench();
  const invite = bench.caller.invite({ port: bench.port, body: sdp() });
  bench.callee.reply(await bench.callee.expect('INVITE'), 302, { headers: ['Contact: <sip:300@192.0.2.1>'] });
  const response = await final(invite);
  expect([response.status, response.header('Contact')]).toEqual([302, '<sip:300@192.0.2.1>']);
});

test('or followed, to configured hosts alone', async () => {
  second = await RawUa.open();
  bench = await openBench({ sip: { redirects: 'follow' } });
  const invite = bench.caller.invite({ port: bench.port, body: sdp() });
  bench.callee.reply(await bench.callee.expect('INVITE'), 302, {
    headers: [`Contact: <sip:300@192.0.2.1>, <sip:301@127.0.0.1:${second.port}>;q=0.5`],
  });
  const followed = await second.expect('INVITE');
  expect(followed.uri).toContain('sip:301@');
  second.reply(followed, 486);
  expect((await final(invite)).status).toBe(486);
});

test.each(['401', '407'])(
  'a trunk’s %s is answered with its credentials, and so is that of its BYE',
  async (status) => {
    bench = await openBench({
      trunks: [
        { name: 'pbx', match: ['127.0.0.1'] },
        { name: 'carrier', host: '127.0.0.1', credentials: { user: 'acct', password: 'pw' } },
      ],
    });
    const { caller, callee, port } = bench;
    const field = status === '401' ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const answered = status === '401' ? 'Authorization' : 'Proxy-Authorization';
    const challenge = `${field}: Digest realm="carrier", nonce="abc", algorithm=SHA-256, qop="auth-int"`;
    const invite = caller.invite({ port, body: sdp() });
    const bare = await callee.expect('INVITE');
    callee.reply(bare, Number(status), { headers: [challenge] });
    const received = await callee.expect((message) => message.method === 'INVITE' && message.header(answered) !== '');
    expect(parseDigest(received.header(answered))[0]).toMatchObject({
      username: 'acct',
      realm: 'carrier',
      qop: 'auth-int',
    });
    expect(received.header('Call-ID')).toBe(bare.header('Call-ID'));
    expect(received.tag('From')).toBe(bare.tag('From'));
    expect(Number.parseInt(received.header('CSeq'), 10)).toBe(Number.parseInt(bare.header('CSeq'), 10) + 1);
    callee.reply(received, 200, { body: sdp() });
    const ok = await final(invite);
    await callee.expect((message) => message.method === 'ACK' && message.tag('To') === 'callee');
    caller.inDialog(caller.callerSide(invite, ok), 'BYE');
    callee.reply(await callee.expect('BYE'), Number(status), { headers: [challenge] });
    const bye = await callee.expect((message) => message.method === 'BYE' && message.header(answered) !== '');
    callee.reply(bye, 200);
    await bench.server.whenIdle();
  },
);

test('whatever host a trunk names as its own, it is answered with its own credentials, in its own realm', async () => {
  bench = await openBench({
    trunks: [
      { name: 'pbx', match: ['127.0.0.1'] },
      { name: 'hostile', host: '127.0.0.1', credentials: { user: 'own', password: 'pw', realm: 'hostile' } },
      { name: 'other', host: 'other.example', credentials: { user: 'other', password: 'pw' } },
    ],
  });
  const { caller, callee, port } = bench;
  const invite = caller.invite({ port, body: sdp() });
  const headers = [
    'Contact: <sip:200@other.example>',
    `Record-Route: <sip:127.0.0.1:${callee.port};lr>`,
    'Session-Expires: 2;refresher=uac',
    'Supported: timer',
  ];
  callee.reply(await callee.expect('INVITE'), 200, { body: sdp(), headers });
  await final(invite);
  const isRefresh = (message: RawMessage): boolean => message.method === 'INVITE' && message.tag('To') === 'callee';
  const challenges = ['other', 'hostile'].map((realm) => `WWW-Authenticate: Digest realm="${realm}", nonce="abc"`);
  callee.reply(await callee.expect(isRefresh), 401, { headers: challenges });
  const again = await callee.expect((message) => isRefresh(message) && message.header('Authorization') !== '');
  expect(again.uri).toBe('sip:200@other.example');
  expect(parseDigest(again.header('Authorization'))).toMatchObject([{ username: 'own', realm: 'hostile' }]);
});

test('a target that challenges and then says nothing is left for the next', async () => {
  second = await RawUa.open();
  bench = await openBench({
    routes: [{ to: ['sip:$0@127.0.0.1:CALLEE', `sip:$0@localhost:${second.port}`] }],
    trunks: [
      { name: 'pbx', match: ['127.0.0.1'] },
      { name: 'carrier', host: '127.0.0.1', credentials: { user: 'acct', password: 'pw' } },
    ],
    sip: { firstResponseTimeoutS: 0.3 },
  });
  const { caller, callee, port } = bench;
  caller.invite({ port, body: sdp() });
  const headers = ['WWW-Authenticate: Digest realm="carrier", nonce="abc"'];
  callee.reply(await callee.expect('INVITE'), 401, { headers });
  await callee.expect((message) => message.method === 'INVITE' && message.header('Authorization') !== '');
  expect((await second.expect('INVITE')).method).toBe('INVITE');
});

test('422 makes the interval longer', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  caller.invite({ port, body: sdp() });
  const first = await callee.expect('INVITE');
  expect([first.header('Session-Expires'), first.header('Min-SE')]).toEqual(['1800', '90']);
  callee.reply(first, 422, { headers: ['Min-SE: 3600'] });
  const again = await callee.expect((message) => message.header('Min-SE') === '3600' && message.method === 'INVITE');
  expect(again.header('Session-Expires')).toBe('3600');
});

test('a trunk that routes back into us ends', async () => {
  second = await RawUa.open();
  const port = second.port;
  await second.close();
  second = undefined;
  bench = await openBench({ routes: [{ to: `sip:$0@127.0.0.1:${port}` }], sip: { port } });
  const invite = bench.caller.invite({ port, body: sdp(), headers: ['Max-Forwards: 6'] });
  expect((await final(invite)).status).toBe(483);
  await bench.server.whenIdle();
  expect(bench.events.filter((event) => event.type === 'ringing')).toHaveLength(6);
  expect((await bench.ended()).reason).toBe('too-many-hops');
});
