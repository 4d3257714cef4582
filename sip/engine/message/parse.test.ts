import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNameAddr, parseVia, splitList } from './fields.ts';
import { serialize } from './message.ts';
import { parseMessage, type BadReason } from './parse.ts';
import { parseSipUri } from './uri.ts';

const lines = [
  'INVITE sip:bob@example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKa;rport',
  'From: "A;tag=x, <b>" <sip:alice@example.net;p=1>;tag=f1',
  'To: <sip:bob@example.com>',
  'Call-ID: c1@example.net',
  'CSeq: 7 INVITE',
];

function message(
  changes: Record<string, string | undefined> = {},
  body: string | Buffer = '',
  more: string[] = [],
): Buffer {
  const kept = lines
    .map((line, at) => changes[at] ?? line)
    .filter((_, at) => !(String(at) in changes) || changes[at] !== undefined);
  return Buffer.concat([Buffer.from([...kept, ...more, '', ''].join('\r\n')), Buffer.from(body)]);
}

describe('a message that is one', () => {
  test('compact names, folded lines, several Vias on one line and on many', () => {
    const parsed = parseMessage(
      Buffer.from(
        [
          'INVITE sip:bob@example.com SIP/2.0',
          'v: SIP/2.0/TCP [2001:db8::1]:5061 ;branch=z9hG4bKa , SIP/2.0/UDP proxy.example.org;branch=z9hG4bKb',
          'VIA:SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKc',
          'f: <sip:a@b>',
          '  ;tag=one',
          't : sip:bob@example.com;tag=two',
          'i: id',
          'cseq: 1 INVITE',
          'Subject: first',
          '\tsecond',
          'x: 1800;refresher=uas',
          'x-Own: kept as it is',
          'l: 3',
          '',
          'abcdef',
        ].join('\r\n'),
      ),
    );
    if (parsed.kind !== 'request') throw new Error('not parsed');
    expect(parsed).toMatchObject({ method: 'INVITE', fromTag: 'one', toTag: 'two', callId: 'id', cseq: 1 });
    expect(parsed.via).toMatchObject({ transport: 'TCP', host: '[2001:db8::1]', port: 5061, branch: 'z9hG4bKa' });
    expect(parsed.headers.all('Via')).toHaveLength(2);
    expect(parsed.headers.get('Subject')).toBe('first second');
    expect(parsed.headers.get('Session-Expires')).toBe('1800;refresher=uas');
    expect(parsed.headers.get('x-Own')).toBe('kept as it is');
    expect(parsed.body.toString()).toBe('abc');
  });

  test('a body is bytes: what comes in goes out', () => {
    const body = Buffer.from([0, 1, 2, 0xff, 0xfe, 0x0d, 0x0a, 0x0d, 0x0a, 0x80]);
    const parsed = parseMessage(message({}, body, [`Content-Length: ${body.length}`]));
    if (parsed.kind !== 'request') throw new Error('not parsed');
    const again = parseMessage(serialize(parsed));
    expect(again).toMatchObject({ body, callId: 'c1@example.net', fromTag: 'f1' });
  });

  test('without Content-Length a datagram is all body, counted in bytes when written', () => {
    const parsed = parseMessage(message({}, 'é'));
    if (parsed.kind !== 'request') throw new Error('not parsed');
    expect(serialize(parsed).toString()).toContain('Content-Length: 2\r\n\r\né');
  });
});

describe('a message that is none', () => {
  const cases: [BadReason, Buffer][] = [
    ['empty', Buffer.alloc(0)],
    ['start-line', Buffer.from('\0\0\0\0')],
    ['start-line', message({ 0: 'INVITE sip:bob smith@example.com SIP/2.0' })],
    ['version', message({ 0: 'INVITE sip:bob@example.com SIP/7.0' })],
    ['via', message({ 1: 'Via: SIP/2.0/UDP ;branch=x' })],
    ['via', message({ 1: undefined })],
    ['from', message({ 2: undefined })],
    ['to', message({ 3: 'To: <sip:unclosed' })],
    ['call-id', message({ 4: 'Call-ID:' })],
    ['call-id', message({}, '', ['i: other'])],
    ['cseq', message({ 5: 'CSeq: 7 BYE' })],
    ['cseq', message({ 5: 'CSeq: 99999999999 INVITE' })],
    ['header-line', message({}, '', ['no colon here'])],
    ['header-line', message({}, '', ['Bad: a\nInjected: b'])],
    ['header-line', message({}, '', ['Folded: a\r\n b\rInjected: c'])],
    ['header-line', Buffer.from(lines.join('\r\n'))],
    ['content-length', message({}, '', ['Content-Length: -1'])],
    ['content-length', message({}, 'ab', ['Content-Length: 1', 'l: 2'])],
    ['truncated', message({}, 'ab', ['Content-Length: 3'])],
  ];
  test.each(cases)('%s', (why, bytes) => {
    expect(parseMessage(bytes)).toMatchObject({ kind: 'bad', why });
  });

  test('a request with a Via can be answered, an ACK or a response never is', () => {
    expect(parseMessage(message({ 5: 'CSeq: x' }))).toMatchObject({ answer: { status: 400 } });
    expect(parseMessage(message({ 0: 'INVITE sip:b SIP/1.0' }))).toMatchObject({ answer: { status: 505 } });
    const ack = parseMessage(message({ 0: 'ACK sip:bob@example.com SIP/2.0', 5: 'CSeq: x' }));
    expect(ack).not.toHaveProperty('answer');
    expect(parseMessage(message({ 0: 'SIP/2.0 200 OK', 5: 'CSeq: x' }))).not.toHaveProperty('answer');
  });
});

describe('no input brings it down', () => {
  const wordy = fc.constantFrom(
    ...lines,
    'Via:',
    ';',
    ',',
    '"',
    '<',
    '>',
    ' x',
    '\t',
    ':',
    'SIP/2.0',
    'Content-Length: 5',
    'tag=',
    '\\',
  );
  test('lines put together at random', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(wordy, fc.constantFrom('\r\n', '\r\n\r\n', '\n', '', ' ')), { maxLength: 24 }),
        (parts) => {
          expect(['request', 'response', 'bad']).toContain(parseMessage(Buffer.from(parts.flat().join(''))).kind);
        },
      ),
      { numRuns: 3000 },
    );
  });
  test('a good message with bytes changed, cut off or put in', () => {
    const good = message({}, 'v=0\r\n', [
      'Content-Length: 5',
      'Record-Route: <sip:p;lr>, <sip:q>',
      'Contact: <sip:a@b>',
    ]);
    const change = fc.tuple(fc.nat(good.length), fc.nat(6), fc.uint8Array({ maxLength: 6 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        let bytes = good;
        for (const [at, cut, put] of changes)
          bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
        const parsed = parseMessage(bytes);
        // What was taken for a message can be written and is then taken for the same one.
        const again = parsed.kind === 'bad' ? parsed : parseMessage(serialize(parsed));
        expect(again.kind).toBe(parsed.kind);
      }),
      { numRuns: 3000 },
    );
  });
  test('long runs of one character cost no more than their length', () => {
    for (const text of [
      'a'.repeat(60_000),
      ';'.repeat(60_000),
      '<'.repeat(60_000),
      '"\\'.repeat(30_000),
      ' '.repeat(60_000),
    ]) {
      parseVia(`SIP/2.0/UDP ${text}`);
      parseNameAddr(text);
      splitList(text);
      parseSipUri(`sip:${text}`);
      expect(parseMessage(message({ 2: `From: ${text}` })).kind).toBeDefined();
    }
  });
});

test('URIs: user, host, port, parameters', () => {
  expect(parseSipUri('sip:al:pw@[2001:db8::2]:5070;transport=TCP;lr?a=b')).toMatchObject({
    user: 'al:pw',
    host: '[2001:db8::2]',
    port: 5070,
    params: { transport: 'TCP', lr: '' },
  });
  for (const bad of ['sip:', 'sip:a@', 'sip:a@b:0', 'sip:a@b:99999', 'http://b', 'sip:a b@c d']) {
    expect(parseSipUri(bad)).toBeUndefined();
  }
});
