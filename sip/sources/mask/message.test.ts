import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageText, summaryOf } from './message.ts';

/** What must not be read in what is shown; each stands in the messages below, in every place that can hold it. */
const secrets = [
  '5550123456',
  'ann.smith',
  'Ann Smith',
  'hunter2',
  'WVNfX19zZW1jdGwgKCk',
  'secret-name',
  '4111111111111111',
];

function message(lines: readonly string[], body = ''): string {
  return `${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const head = [
  'INVITE sip:5550123456:hunter2@pbx.example.com:5070;user=phone;x-ref=5550123456?Subject=secret-name SIP/2.0',
  'Via: SIP/2.0/TCP 192.0.2.7:5060;branch=z9hG4bK1;rport;x-user=ann.smith, SIP/2.0/UDP proxy.example.com;branch=z9hG4bK2',
  'From: "Ann Smith \\"5550123456\\" <x>" <sip:ann.smith@example.com;user=phone>;tag=abc;cpc=ordinary;otg=5550123456',
  't: Ann Smith <tel:+1-5550123456;phone-context=5550123456>',
  'Contact: <sip:5550123456@192.0.2.7:5060;transport=tcp;rinstance=5550123456>;+sip.src;+sip.instance="<urn:uuid:ann.smith>"',
  'Diversion: sip:5550123456@example.com;reason=unconditional;x-name="Ann Smith"',
  'P-Asserted-Identity: "Ann Smith" <sip:+15550123456@example.com>, <tel:+15550123456>',
  'Refer-To: <sip:ann.smith@example.com?Replaces=5550123456%3Bto-tag%3D1>',
  'Call-Info: <https://ann.smith:hunter2@crm.example.com/5550123456>;purpose=info',
  'Route: <sip:proxy.example.com;lr>,<sip:ann.smith@192.0.2.9;lr>',
  'Proxy-Authorization: Digest username="ann.smith", realm="example.com", nonce="hunter2", uri="sip:5550123456@x",',
  ' response="hunter2", algorithm=MD5',
  'User-to-User: 5550123456;encoding=hex',
  'X-Customer: Ann Smith 5550123456',
  'X-5550123456: yes',
  'Subject: secret-name',
  'User-Agent: Box 7.2 line 5550123456',
  'Reason: SIP;cause=200;text="called 5550123456"',
  'Call-ID: 71f0@192.0.2.7',
  'CSeq: 1 INVITE',
  'Max-Forwards: 70',
  '__proto__: 5550123456',
  'constructor: 5550123456',
  'this is no field, Ann Smith',
];

const sdp = [
  'v=0',
  'o=ann.smith 1 2 IN IP4 192.0.2.7',
  's=secret-name',
  'i=Ann Smith',
  'u=http://ann.smith.example.com',
  'e=ann.smith@example.com (Ann Smith)',
  'p=+1 5550123456',
  'c=IN IP4 192.0.2.7',
  't=0 0',
  'k=clear:hunter2',
  'm=audio 40000 RTP/SAVP 0 101',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCk',
  'a=ice-pwd:hunter2',
  'a=rtpmap:101 telephone-event/8000',
  'a=ssrc:77 cname:ann.smith@example.com',
  'a=x-name:Ann Smith',
  'a=label:1',
  'a=sendonly',
  'Ann Smith',
  '',
].join('\r\n');

const metadata = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY n "Ann Smith">]>
<rs:recording xmlns:rs='urn:ietf:params:xml:ns:recording:1'><datamode>complete</datamode><!-- Ann Smith -->
<session session_id="hVpd7YQgRW2nD22h7q60JQ=="><sipSessionID>5550123456</sipSessionID></session>
<participant participant_id="srfBElmCRp2QB23b7Mpk0w==" note="5550123456"><nameID aor="sip:5550123456@example.com">
<name xml:lang="en">Ann Smith</name></nameID><ext:callData a='ann.smith'><![CDATA[5550123456 > <x>]]></ext:callData></participant>
<stream stream_id="i1Pz3to5hGk8fuXl+PbwCw=="><label>1</label></stream>
<associate-time>2026-11-25T09:00:00Z</associate-time><name aor="5550123456`;

test('a call with SDP and metadata: the shape is there, whose it is and the keys are not', () => {
  const body = [
    '--b',
    'Content-Type: application/sdp',
    '',
    sdp,
    '--b',
    'Content-Type: application/rs-metadata+xml',
    'Content-Description: Ann Smith',
    '',
    metadata,
    '--b',
    'Content-Type: text/plain',
    '',
    'Ann Smith 4111111111111111',
    '--b--',
  ].join('\r\n');
  const text = messageText(message([...head, 'c: multipart/mixed;boundary="b"'], body), false);
  expect(secrets.filter((each) => text.includes(each))).toEqual([]);
  for (const kept of [
    'INVITE sip:***@pbx.example.com:5070;user=phone;x-ref=***?*** SIP/2.0',
    'Via: SIP/2.0/TCP 192.0.2.7:5060;branch=z9hG4bK1;rport;x-user=***, SIP/2.0/UDP proxy.example.com;branch=z9hG4bK2',
    'From: "***" <sip:***@example.com;user=phone>;tag=abc;cpc=ordinary;otg=***',
    'To: "***" <tel:***>',
    '+sip.src;+sip.instance=***',
    'Route: <sip:proxy.example.com;lr>, <sip:***@192.0.2.9;lr>',
    'Proxy-Authorization: Digest realm="example.com", algorithm="MD5", ***',
    'Call-ID: 71f0@192.0.2.7',
    'X-Customer: ***',
    'o=*** 1 2 IN IP4 192.0.2.7',
    'm=audio 40000 RTP/SAVP 0 101',
    'a=rtpmap:101 telephone-event/8000',
    'a=crypto:***',
    '<participant participant_id="srfBElmCRp2QB23b7Mpk0w==" note="***">',
    '<label>1</label>',
    '<associate-time>2026-11-25T09:00:00Z</associate-time>',
  ]) {
    expect(text).toContain(kept);
  }
});

test('keys by INFO, texts and what nobody knows are not shown at all', () => {
  const body = 'Signal=5\r\nDuration=160\r\n';
  const info = ['INFO sip:a@b SIP/2.0', 'Content-Type: application/dtmf-relay'];
  expect(messageText(message(info, body), false)).toContain(`*** (${body.length} bytes)`);
  expect(messageText(message(info, body), false)).not.toContain('Signal');
  expect(messageText('5550123456\r\n', false)).not.toContain('555');
});

test('a message that was cut shows whole lines alone', () => {
  const text = message([...head, 'Content-Type: application/sdp'], sdp);
  for (let length = 0; length < text.length; length += 1) {
    const shown = messageText(text.slice(0, length), true);
    expect(secrets.some((each) => shown.includes(each))).toBe(false);
    expect(shown.endsWith('...')).toBe(true);
  }
});

test('summaries', () => {
  expect(summaryOf('INVITE sip:1@x SIP/2.0\r\n')).toBe('INVITE');
  expect(summaryOf('SIP/2.0 200 OK\r\n')).toBe('200 OK');
  expect(summaryOf('SIP/2.0 486 5550123456 is busy\r\n')).toBe('486 *** is busy');
  expect(summaryOf('5550123456')).toBe('?');
});

test('whatever is broken in it, no secret of a field that is masked gets out', () => {
  const whole = message([...head, 'Content-Type: application/sdp'], sdp);
  const piece = fc.constantFrom('"', '<', '>', ';', ',', '\\', '\r\n', '=', '@', ':', '?', ' ', '');
  const cut = fc.tuple(fc.nat(whole.length), fc.nat(3), piece);
  fc.assert(
    fc.property(fc.array(cut, { maxLength: 5 }), (cuts) => {
      let text = whole;
      for (const [at, length, put] of cuts) text = text.slice(0, at) + put + text.slice(at + length);
      const shown = messageText(text, false);
      const leaking = shown.split('\n').filter((line) => line.includes('5550123456'));
      expect(leaking).toEqual([]);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1000) },
  );
});
