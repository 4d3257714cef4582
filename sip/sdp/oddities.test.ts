import { expect, test } from 'vitest';
import { readOffer, type OfferedLine } from './offer.ts';
import { parseDescription } from './parse.ts';

/** Descriptions that are odd, and are allowed, or are not: by the section that says so. */
const head = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'];
const audio = ['m=audio 4000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000'];

function text(each: readonly string[], end = '\r\n'): string {
  return each.map((line) => `${line}${end}`).join('');
}

/** Of a bridged call and of a copy alike: port and address of its sound, or why there is none. */
function read(description: string): readonly [bridged: string, copied: string] {
  const bridged = parseDescription(description);
  const copied = readOffer(description);
  const line = copied.ok ? copied.offer.lines.find(({ audio: taken }) => taken !== null) : undefined;
  return [
    bridged.ok ? `${bridged.description.audio.address} ${bridged.description.audio.rtpPort}` : bridged.problem,
    copied.ok ? `${line?.audio?.address ?? 'nowhere'} ${line?.audio?.rtpPort ?? 0}` : copied.problem,
  ];
}
function both(description: string): string {
  const [bridged, copied] = read(description);
  return bridged === copied ? bridged : `${bridged} | ${copied}`;
}
function lines(description: string): readonly OfferedLine[] {
  const offer = readOffer(description);
  return offer.ok ? offer.offer.lines : [];
}

test.each([
  [
    'RFC 8866 section 5: lines end with CRLF, and LF alone is to be taken too',
    text([...head, ...audio], '\n'),
    '192.0.2.1 4000',
  ],
  ['section 5: no line end after the last', text([...head, ...audio]).trimEnd(), '192.0.2.1 4000'],
  [
    'section 5.2: an o= line is needed',
    text([...head.filter((line) => !line.startsWith('o=')), ...audio]),
    'malformed',
  ],
  [
    'section 5.2: a session id of twenty digits',
    text([...head.toSpliced(1, 1, 'o=- 18446744073709551615 18446744073709551615 IN IP4 192.0.2.1'), ...audio]),
    '192.0.2.1 4000',
  ],
  ['section 5.3: no s= line', text([...head.filter((line) => !line.startsWith('s=')), ...audio]), '192.0.2.1 4000'],
  ['section 5.7: the c= of the m-line counts', text([...head, ...audio, 'c=IN IP4 192.0.2.9']), '192.0.2.9 4000'],
  [
    'section 5.7: no c= anywhere',
    text([...head.filter((line) => !line.startsWith('c=')), ...audio]),
    'malformed | nowhere 4000',
  ],
  ['section 5.7: IPv6', text([...head, ...audio, 'c=IN IP6 2001:db8::1']), '2001:db8::1 4000'],
  [
    'section 5.7: a name instead of an address is not resolved',
    text([...head, ...audio, 'c=IN IP4 sbc.example.org']),
    'malformed | nowhere 4000',
  ],
  [
    'section 5.8: bandwidth, repeats, zones and keys are passed over',
    text([...head, 'b=AS:64', 'r=7d 1h 0 25h', 'z=0 0', 'k=clear:x', ...audio]),
    '192.0.2.1 4000',
  ],
  [
    'section 5.13: attributes that nobody knows',
    text([...head, ...audio, 'a=never-heard', 'a=never:heard of', 'a=']),
    '192.0.2.1 4000',
  ],
  ['section 5.14: a port with a count', text([...head, 'm=audio 4000/2 RTP/AVP 0']), '192.0.2.1 4000'],
  ['section 5.14: a port over 65535', text([...head, 'm=audio 70000 RTP/AVP 0']), 'malformed'],
  ['section 5.14: no m-line', text(head), 'no-audio'],
  [
    'section 5.14: a dynamic number without a map is no codec',
    text([...head, 'm=audio 4000 RTP/AVP 96']),
    'no-common-codec',
  ],
  ['section 5.14: blanks at the end of the formats', text([...head, 'm=audio 4000 RTP/AVP 0 8 ']), '192.0.2.1 4000'],
  [
    'section 6.6: the name of a codec in any case',
    text([...head, 'm=audio 4000 RTP/AVP 0', 'a=rtpmap:0 pcmu/8000']),
    '192.0.2.1 4000',
  ],
  ['RFC 3264 section 5.1: port 0 is no sound', text([...head, 'm=audio 0 RTP/AVP 0']), '192.0.2.1 0'],
  [
    'section 6: of two lines the one that is on',
    text([...head, 'm=audio 0 RTP/AVP 0', 'm=audio 4002 RTP/AVP 8']),
    '192.0.2.1 4002 | 192.0.2.1 0',
  ],
  [
    'section 8.4: 0.0.0.0 is the hold of old',
    text([...head, ...audio, 'c=IN IP4 0.0.0.0']),
    '0.0.0.0 4000 | nowhere 4000',
  ],
  [
    'RFC 4568: SRTP alone',
    text([...head, 'm=audio 4000 RTP/SAVP 0', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x']),
    'secure-only',
  ],
  ['RFC 3551: feedback profile', text([...head, 'm=audio 4000 RTP/AVPF 0']), '192.0.2.1 4000'],
  [
    'section 6.6: a blank before the number of a map',
    text([...head, 'm=audio 4000 RTP/AVP 0', 'a=rtpmap: 101 telephone-event/8000', 'a=fmtp: 101 0-15']),
    '192.0.2.1 4000',
  ],
  ['not SDP', '<?xml version="1.0"?><audio/>', 'malformed'],
  ['nothing', '', 'malformed'],
  ['a description of 40 kB', text([...head, ...audio, `a=x:${'y'.repeat(40_000)}`]), 'malformed'],
])('%s', (_what, description, expected) => {
  expect(both(description)).toBe(expected);
});

test('RFC 3264 section 6: every line in its place, whatever it is', () => {
  const description = text([
    ...head,
    'm=video 5000 RTP/AVP 31',
    'm=audio 4000 RTP/AVP 18 0',
    'm=image 6000 udptl t38',
    'm=application 7000 TCP/MSRP *',
    'm=audio 4002 RTP/SAVP 0',
  ]);
  expect(lines(description).map(({ kind, protocol, formats, refusal }) => [kind, protocol, formats, refusal])).toEqual([
    ['video', 'RTP/AVP', '31', 'not-audio'],
    ['audio', 'RTP/AVP', '18 0', null],
    ['image', 'udptl', 't38', 'not-audio'],
    ['application', 'TCP/MSRP', '*', 'not-audio'],
    ['audio', 'RTP/SAVP', '0', 'secure-only'],
  ]);
  const bridged = parseDescription(description);
  expect(bridged.ok && [bridged.description.audioIndex, bridged.description.lines.length]).toEqual([1, 5]);
});

test.each([
  ['RFC 5761: one port for both', ['a=rtcp-mux'], 4000],
  ['RFC 3605: a port of its own', ['a=rtcp:5005 IN IP4 192.0.2.9'], 5005],
  ['RFC 3605: one that is none', ['a=rtcp:700000'], 4001],
  ['RFC 3550: the next', [], 4001],
])('%s', (_what, more, port) => {
  const bridged = parseDescription(text([...head, ...audio, ...more]));
  expect(bridged.ok && bridged.description.audio.rtcpPort).toBe(port);
  expect(lines(text([...head, ...audio, ...more]))[0]?.audio?.rtcpPort).toBe(port);
});

test.each([
  ['RFC 8866 section 6.7: sendrecv unless said otherwise', [], [], 'sendrecv'],
  ['of the session', ['a=sendonly'], [], 'sendonly'],
  ['of the line, before that of the session', ['a=sendonly'], ['a=inactive'], 'inactive'],
])('direction: %s', (_what, session, line, direction) => {
  const description = text([...head, ...session, ...audio, ...line]);
  const bridged = parseDescription(description);
  expect(bridged.ok && bridged.description.audio.direction).toBe(direction);
  expect(lines(description)[0]?.audio?.direction).toBe(direction);
});

test('RFC 4574: a label is any token, 0 among them; RFC 4733: events as they are, else all of them', () => {
  const label = (value: string): string | null | undefined =>
    lines(text([...head, ...audio, `a=label:${value}`]))[0]?.label;
  expect(['0', '01', 'a-b.c', '9'.repeat(64)].map((each) => label(each))).toEqual(['0', '01', 'a-b.c', '9'.repeat(64)]);
  const events = (...more: string[]): string | undefined => {
    const bridged = parseDescription(text([...head, ...audio, ...more]));
    return bridged.ok ? bridged.description.audio.telephoneEvent?.events : undefined;
  };
  expect([events(), events('a=fmtp:101 0-11,16'), events('a=fmtp:101 $(x)')]).toEqual(['0-15', '0-11,16', '0-15']);
});
