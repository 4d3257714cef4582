import { afterEach, expect, test } from 'vitest';
import { openBench, type Bench } from './testing/bench.ts';
import { newToken, sdp } from './testing/raw-ua.ts';

let bench: Bench;
afterEach(() => bench.close());

/** Nearly as much as a datagram holds. */
const runCharacters = 60_000;

/** A field and where in it a run of one thing goes on and on. */
const places: readonly (readonly [name: string, value: string])[] = [
  ['Via', 'SIP/2.0/UDP 127.0.0.1RUN:5060;branch=z9hG4bKa;rport'],
  ['Via', 'SIP/2.0/UDP 127.0.0.1:5060RUNx;branch=z9hG4bKb;rport'],
  ['Via', 'SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKcRUNx;rport'],
  ['From', 'ARUNA <sip:100@example.org>;tag=1'],
  ['From', '<sip:100@example.org>;tag=1RUNx'],
  ['To', 'RUNx<sip:200@example.org>'],
  ['Contact', '"RUN <sip:100@127.0.0.1>x'],
  ['Contact', '<sip:100@127.0.0.1RUNx>'],
  ['Content-Length', '0RUNx'],
  ['Authorization', 'Digest username="a", realm="b", cRUNx'],
];

// The limit is there for patterns whose time grows with the square of a length: those take ten seconds and more.
test(
  'no field that a stranger fills with one thing over and over keeps the next caller waiting',
  { timeout: 5000 },
  async () => {
    bench = await openBench({ sip: { allow: ['192.0.2.1'] } });
    const { caller, port } = bench;
    for (const [name, value] of places) {
      for (const one of [' ', '\t', ';', ',', '<', '"', '=', '; ', 'a=b ', '\\"']) {
        const lines: Record<string, string> = {
          Via: caller.via().replace('Via: ', ''),
          From: '<sip:100@example.org>;tag=1',
          To: '<sip:200@example.org>',
          'Call-ID': newToken(),
          CSeq: '1 INVITE',
          'Content-Length': '0',
        };
        lines[name] = value.replace('RUN', () => one.repeat(runCharacters / one.length));
        const text = Object.entries(lines).map(([each, line]) => `${each}: ${line}\r\n`);
        caller.sendText(`INVITE sip:200@127.0.0.1 SIP/2.0\r\n${text.join('')}\r\n`, port);
        // No faster than the socket's buffer holds them.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    caller.invite({ port, user: 'last', body: sdp() });
    const refused = await caller.expect((message) => message.status === 403 && message.header('To').includes('last'));
    expect(refused.status).toBe(403);
  },
);

test('a header name cannot bring lines of its own to the other leg, nor pass for another name', async () => {
  bench = await openBench();
  const { caller, callee, port } = bench;
  caller.invite({
    port,
    body: sdp(),
    headers: [
      'X-Good: 1',
      `%58-A%3A1%0D%0ARoute: <sip:127.0.0.1:${caller.port};lr>`,
      '%50-Asserted-Identity: <sip:ceo@example.org>',
      '%58-B: 2',
    ],
  });
  const invite = await callee.expect('INVITE');
  expect(invite.header('X-Good')).toBe('1');
  for (const name of ['Route', 'X-A', 'X-B', 'P-Asserted-Identity'])
    expect([name, invite.header(name)]).toEqual([name, '']);
});

test('a dialled user of characters that take two units of UTF-16 is routed like any other', async () => {
  bench = await openBench();
  bench.caller.invite({ port: bench.port, user: '2\u{1F4DE}', body: sdp() });
  expect((await bench.callee.expect('INVITE')).uri).toContain('sip:2%F0%9F%93%9E@');
});
