import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { establish, openBench, type Bench } from './testing/bench.ts';
import { RawMessage } from './testing/raw-message.ts';
import { newToken, sdp } from './testing/raw-ua.ts';

let bench: Bench;
afterEach(() => bench.close());

const passed = [
  'P-Asserted-Identity: "Ann" <sip:100@pbx.example>',
  'Remote-Party-ID: <sip:100@pbx.example>;party=calling',
  'Diversion: <sip:300@pbx.example>;reason=unconditional',
  'History-Info: <sip:300@pbx.example>;index=1',
  'User-to-User: 3031;encoding=hex',
  'Alert-Info: <http://pbx.example/ring>',
  'Call-Info: <http://pbx.example/card>;purpose=card',
  'X-Account: 7',
];

test('identity, diversion and X- fields pass both ways', async () => {
  bench = await openBench();
  const call = await establish(bench, {
    callerHeaders: passed,
    calleeHeaders: ['X-Agent: bob', 'P-Asserted-Identity: <sip:201@pbx.example>'],
  });
  for (const line of passed) {
    const [name = '', value] = line.split(/: (.*)/);
    expect([name, call.calleeInvite.header(name)]).toEqual([name, value]);
  }
  expect(call.ok.header('X-Agent')).toBe('bob');
  expect(call.ok.header('P-Asserted-Identity')).toBe('<sip:201@pbx.example>');
  expect(call.calleeInvite.header('From')).toContain('"Ann" <sip:100@127.0.0.1');
  const ringing = bench.events[0];
  expect(ringing?.type === 'ringing' && ringing.headers['diversion']).toContain('300@pbx.example');
});

test('the configuration adds, removes and renames; a trunk that is not trusted asserts nothing', async () => {
  bench = await openBench({
    sip: { headers: { add: { 'X-Via': 'sidetone' }, remove: ['Diversion'], rename: { 'X-Account': 'X-Customer' } } },
    trunks: [{ name: 'pbx', match: ['127.0.0.1'] }],
  });
  const { calleeInvite } = await establish(bench, { callerHeaders: passed });
  expect(calleeInvite.header('X-Via')).toBe('sidetone');
  expect(calleeInvite.header('X-Customer')).toBe('7');
  for (const name of ['Diversion', 'X-Account', 'P-Asserted-Identity', 'Remote-Party-ID']) {
    expect([name, calleeInvite.header(name)]).toEqual([name, '']);
  }
  const ringing = bench.events[0];
  expect(ringing?.type === 'ringing' && Object.keys(ringing.headers)).not.toContain('p-asserted-identity');
});

test('Privacy is obeyed on the far side, and the number is still stored', async () => {
  bench = await openBench();
  const { calleeInvite } = await establish(bench, { callerHeaders: [...passed, 'Privacy: id'] });
  expect(calleeInvite.header('From')).toContain('"Anonymous" <sip:anonymous@anonymous.invalid>');
  expect(calleeInvite.header('Privacy')).toBe('id');
  expect(calleeInvite.header('P-Asserted-Identity')).toBe('');
  const ringing = bench.events[0];
  expect(ringing?.type === 'ringing' && ringing.parties[0]?.uri).toBe('sip:100@pbx.example');
});

test('over TCP, with the messages of a call in odd pieces', async () => {
  bench = await openBench();
  const { callee, server } = bench;
  const tcp = server.bindings.find((binding) => binding.transport === 'tcp');
  const socket = connect(tcp?.port ?? 0, '127.0.0.1');
  const body = sdp();
  const text = [
    `INVITE sip:200@127.0.0.1:${tcp?.port} SIP/2.0`,
    `Via: SIP/2.0/TCP 127.0.0.1:9;rport;branch=z9hG4bK${newToken()}`,
    `From: <sip:100@example.org>;tag=${newToken()}`,
    'To: <sip:200@example.org>',
    `Call-ID: ${newToken()}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:ann@127.0.0.1:9;transport=tcp>',
    'Content-Type: application/sdp',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
  socket.write(`\r\n\r\n${text.slice(0, 100)}`);
  socket.write(text.slice(100, 400));
  socket.write(text.slice(400));
  callee.reply(await callee.expect('INVITE'), 200, { body: sdp() });
  const ok = await answer(socket);
  expect(ok.header('Contact')).toContain('transport=tcp');
  expect(ok.sdp('c=')).toEqual(['c=IN IP4 127.0.0.1']);
  socket.destroy();
});

function answer(socket: Socket): Promise<RawMessage> {
  let heard = '';
  return new Promise((resolve) => {
    socket.on('data', (data: Buffer) => {
      heard += data.toString('utf8');
      const start = heard.indexOf('SIP/2.0 200');
      if (start >= 0 && heard.endsWith('\r\n')) resolve(new RawMessage(heard.slice(start), { address: '', port: 0 }));
    });
  });
}
