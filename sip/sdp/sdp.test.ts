import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerFrom, holdsAfter, mediaSettings, offerFrom } from './bridge.ts';
import { sdpIn } from './body.ts';
import { receives, sends, type SessionDescription } from './description.ts';
import { LegSession } from './leg-session.ts';
import { parseDescription } from './parse.ts';

function text(media: readonly string[], session: readonly string[] = ['c=IN IP4 192.0.2.1']): string {
  return ['v=0', 'o=- 20518 1 IN IP4 192.0.2.1', 's=-', ...session, 't=0 0', ...media, ''].join('\r\n');
}

function described(source: string): SessionDescription {
  const parsed = parseDescription(source);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.description;
}

/** What the callee is offered when the caller offers `source`, and what the caller is answered when `answer` comes. */
function bridged(source: string, answer?: string): { offer: string; answer: string } {
  const caller = new LegSession('198.51.100.1', 20_000);
  const callee = new LegSession('203.0.113.1', 20_002);
  const theirs = described(source);
  const offer = callee.offer(offerFrom(theirs.audio, null));
  const back = answer === undefined ? theirs : described(answer);
  return { offer, answer: caller.answer(theirs, answerFrom(theirs.audio, back.audio)) };
}

const phone = [
  'm=audio 4000 RTP/AVP 9 0 8 18 13 101',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:18 G729/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
  'a=maxptime:60',
];

describe('what is offered to the other leg', () => {
  test('G.711, comfort noise and telephone-event stay, other codecs leave, address and ports are ours', () => {
    const { offer } = bridged(text(phone));
    expect(offer.split('\r\n').slice(2)).toEqual([
      's=-',
      'c=IN IP4 203.0.113.1',
      't=0 0',
      'm=audio 20002 RTP/AVP 0 8 13 101',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:13 CN/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=ptime:20',
      'a=maxptime:60',
      'a=sendrecv',
      '',
    ]);
  });

  test('keys, candidates and the other leg’s origin do not leak', () => {
    const { offer } = bridged(
      text(
        [...phone, 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abcdef', 'a=candidate:1 1 UDP 1 10.1.2.3 9 typ host'],
        ['c=IN IP4 192.0.2.1', 'a=ice-ufrag:abcd'],
      ),
    );
    expect(offer).not.toMatch(/crypto|candidate|ice|20518|192\.0\.2\.1|10\.1\.2\.3/);
  });

  test('a caller with one law lets the callee choose the other: media translates', () => {
    const { offer, answer } = bridged(text(['m=audio 4000 RTP/AVP 8']), text(['m=audio 5000 RTP/AVP 0']));
    expect(offer).toContain('RTP/AVP 8 0\r\n');
    expect(answer).toContain('m=audio 20000 RTP/AVP 8\r\n');
  });
});

describe('what is answered', () => {
  test('every m-line in its place: the first usable audio is taken, all else has port 0', () => {
    const { answer } = bridged(
      text([
        'm=video 6000 RTP/AVP 96',
        'm=audio 6002 RTP/SAVP 0',
        'm=audio 6004 RTP/AVP 0 101',
        'a=rtpmap:101 telephone-event/8000',
        'm=audio 6006 RTP/AVP 8',
        'm=image 6008 udptl t38',
        'm=application 6010 TCP/BFCP *',
      ]),
    );
    expect(answer.split('\r\n').filter((line) => line.startsWith('m='))).toEqual([
      'm=video 0 RTP/AVP 96',
      'm=audio 0 RTP/SAVP 0',
      'm=audio 20000 RTP/AVP 0 101',
      'm=audio 0 RTP/AVP 8',
      'm=image 0 udptl t38',
      'm=application 0 TCP/BFCP *',
    ]);
  });

  test('each leg keeps its own telephone-event number', () => {
    const { answer } = bridged(
      text(['m=audio 4000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000']),
      text(['m=audio 4000 RTP/AVP 0 96', 'a=rtpmap:96 telephone-event/8000', 'a=fmtp:96 0-11']),
    );
    expect(answer).toContain('RTP/AVP 0 101\r\n');
    expect(answer).toContain('a=fmtp:101 0-11');
  });

  test('rtcp-mux is answered where it was offered', () => {
    const muxed = text(['m=audio 4000 RTP/AVP 0', 'a=rtcp-mux']);
    expect(bridged(muxed, text(['m=audio 4000 RTP/AVP 0'])).answer).toContain('a=rtcp-mux');
    expect(described(muxed).audio.rtcpPort).toBe(4000);
    expect(described(text(['m=audio 4000 RTP/AVP 0', 'a=rtcp:4777 IN IP4 192.0.2.1'])).audio.rtcpPort).toBe(4777);
  });
});

describe('what cannot be bridged', () => {
  test.each([
    ['no-audio', text(['m=image 4000 udptl t38'])],
    ['no-audio', text([])],
    ['secure-only', text(['m=audio 4000 RTP/SAVP 0 8'])],
    ['no-common-codec', text(['m=audio 4000 RTP/AVP 18 9'])],
    ['malformed', 'nonsense'],
    ['malformed', text(['m=audio 4000 RTP/AVP 0'], [])],
    ['malformed', text(['m=audio 4000 RTP/AVP 0'], ['c=IN IP4 not-an-address'])],
  ])('%s', (problem, source) => {
    expect(parseDescription(source)).toEqual({ ok: false, problem });
  });

  test('no text makes the reader throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (head, lines) => {
        for (const source of [
          head,
          text(lines.map((line) => `a=${line}`)),
          text(['m=audio 4000 RTP/AVP 0', ...lines]),
        ]) {
          expect(parseDescription(source)).toHaveProperty('ok');
        }
      }),
    );
  });
});

describe('hold', () => {
  test.each([
    ['sendonly', 'c=IN IP4 192.0.2.1', 'sendonly'],
    ['inactive', 'c=IN IP4 192.0.2.1', 'inactive'],
    ['sendrecv', 'c=IN IP4 0.0.0.0', 'sendonly'],
    ['recvonly', 'c=IN IP4 0.0.0.0', 'inactive'],
  ])('%s with %s goes on as our address and %s', (direction, connection, passed) => {
    const held = text(['m=audio 4000 RTP/AVP 0', `a=${direction}`], [connection]);
    const { offer } = bridged(held);
    expect(offer).toContain('c=IN IP4 203.0.113.1');
    expect(offer).toContain(`a=${passed}\r\n`);
    expect(holdsAfter(described(held).audio, null, false)).toBe(true);
  });

  test('the held side does not hold by answering recvonly or inactive', () => {
    const offered = offerFrom(described(text(['m=audio 4000 RTP/AVP 0', 'a=sendonly'])).audio, null);
    const silent = offerFrom(described(text(['m=audio 4000 RTP/AVP 0', 'a=inactive'])).audio, null);
    expect(holdsAfter(described(text(['m=audio 4000 RTP/AVP 0', 'a=recvonly'])).audio, offered, false)).toBe(false);
    expect(holdsAfter(described(text(['m=audio 4000 RTP/AVP 0', 'a=inactive'])).audio, silent, false)).toBe(false);
    expect(holdsAfter(described(text(['m=audio 4000 RTP/AVP 0', 'a=inactive'])).audio, offered, false)).toBe(true);
  });

  test('media is told: music from who holds, nothing sent where nobody listens', () => {
    const held = described(text(['m=audio 4000 RTP/AVP 0', 'a=sendonly'], ['c=IN IP4 0.0.0.0'])).audio;
    expect(mediaSettings(held, null, ['192.0.2.9'], true)).toMatchObject({
      remote: null,
      acceptedAddresses: ['192.0.2.9'],
      talks: true,
      listens: false,
      holding: true,
    });
  });
});

test('our version rises by one at each change and at nothing else', () => {
  const session = new LegSession('198.51.100.1', 20_000);
  const audio = offerFrom(described(text(phone)).audio, null);
  const origins = [audio, audio, { ...audio, direction: 'sendonly' as const }, audio].map((each) =>
    session.offer(each).split('\r\n')[1]?.split(' '),
  );
  expect(new Set(origins.map((origin) => origin?.[1])).size).toBe(1);
  expect(origins.map((origin) => origin?.[2])).toEqual(['1', '1', '2', '3']);
});

const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
const kinds = ['video', 'application', 'image', 'text'] as const;

test('any offer is answered line for line, within what it allows, by a text that we read as it was meant', () => {
  const line = fc.record({ kind: fc.constantFrom(...kinds), port: fc.integer({ min: 0, max: 65_535 }) });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 4 }),
      fc.array(line, { maxLength: 4 }),
      fc
        .shuffledSubarray([0, 8, 9, 13, 18, 97], { minLength: 1 })
        .filter((list) => list.includes(0) || list.includes(8)),
      fc.constantFrom(...directions),
      fc.constantFrom(...directions),
      (before, after, payloads, offered, wanted) => {
        const other = ({ kind, port }: { kind: string; port: number }): string => `m=${kind} ${port} RTP/AVP 96`;
        const source = text([
          ...before.map(other),
          `m=audio 4000 RTP/AVP ${payloads.join(' ')}`,
          'a=rtpmap:97 telephone-event/8000',
          `a=${offered}`,
          ...after.map(other),
        ]);
        const offer = described(source);
        const result = bridged(source, text(['m=audio 5000 RTP/AVP 0 8 13', `a=${wanted}`]));
        const answer = described(result.answer);
        expect(answer.lines.map(({ kind }) => kind)).toEqual(offer.lines.map(({ kind }) => kind));
        expect(answer.audioIndex).toBe(before.length);
        expect(offer.audio.laws).toEqual(expect.arrayContaining([...answer.audio.laws]));
        expect(sends(answer.audio.direction) && !receives(offer.audio.direction)).toBe(false);
        expect(receives(answer.audio.direction) && !sends(offer.audio.direction)).toBe(false);
        expect(answer.audio.rtpPort).toBe(20_000);
        expect(described(result.offer).audio.direction).toBe(offer.audio.direction);
      },
    ),
  );
});

test('the description in a multipart body is found, its closing boundary left out', () => {
  const body = [
    '--b1',
    'Content-Type: application/isup',
    '',
    'xx',
    '--b1',
    'Content-Type: application/sdp',
    '',
    text(phone).trimEnd(),
    '--b1--',
    '',
  ].join('\r\n');
  const found = sdpIn('multipart/mixed;boundary="b1"', body);
  expect(found).toBe(text(phone));
  expect(sdpIn('application/isup', 'xx')).toBeUndefined();
  expect(sdpIn(undefined, 'v=0\r\n')).toBe('v=0\r\n');
  expect(sdpIn(undefined, 'Signal=5')).toBeUndefined();
});
