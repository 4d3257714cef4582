import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SidetoneError, type ErrorCode } from '#lib/errors.ts';
import { answerForkMessage, readForkMessage } from './fork-message.ts';
import type { RtpengineForks } from './forks.ts';

const answered = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx',
  'Call-ID: 4711@a.example',
  'From: "Ann, \\"A\\"" <sip:ann@a.example;user=phone>;tag=a1',
  'To: <sip:bob@b.example>',
  ' ;tag=b2',
  '',
].join('\r\n');

test('a 2xx: the call, its tags and its people', () => {
  expect(readForkMessage(answered)).toEqual({
    kind: 'answered',
    request: {
      sipCallId: '4711@a.example',
      fromTag: 'a1',
      toTag: 'b2',
      caller: '"Ann, \\"A\\"" <sip:ann@a.example;user=phone>;tag=a1',
      callee: '<sip:bob@b.example> ;tag=b2',
    },
  });
});

test.each([
  ['BYE sip:bob@192.0.2.7 SIP/2.0\r\nCall-ID: 1@a\r\n', { kind: 'over', sipCallId: '1@a' }],
  ['BYE sip:bob@192.0.2.7 SIP/2.0\ni:1@a', { kind: 'over', sipCallId: '1@a' }],
  ['INVITE sip:session SIP/2.0\ni:1@a', { kind: 'changed', sipCallId: '1@a' }],
  [
    'SIP/2.0 200\nI: x\nf: sip:ann@a;tag=1\nt: sip:bob@b',
    {
      kind: 'answered',
      request: { sipCallId: 'x', fromTag: '1', toTag: undefined, caller: 'sip:ann@a;tag=1', callee: 'sip:bob@b' },
    },
  ],
])('%j', (body, message) => {
  expect(readForkMessage(body)).toEqual(message);
});

test.each([
  ['', 'no Call-ID'],
  ['hello', 'no Call-ID'],
  ['SIP/2.0 180 Ringing\nCall-ID: 1', 'neither'],
  ['ACK sip:a SIP/2.0\nCall-ID: 1', 'neither'],
  ['Call-ID: 1', 'neither'],
])('%j is refused', (body, said) => {
  expect(() => readForkMessage(body)).toThrow(said);
});

test('no body makes the reader throw anything but a refusal', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('SIP/2.0 200 OK', 'BYE sip:a SIP/2.0', 'Call-ID: 1', 'From: "', 'f: <sip:a>;tag=', ' x', 't:'),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('\r\n', '\n', '\r'), (lines, separator) => {
      try {
        expect(readForkMessage(lines.join(separator)).kind).toMatch(/answered|changed|over/);
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'bad-request' });
      }
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000) },
  );
});

/** A house that answers as it is told. */
function house(outcome: ErrorCode | 'taken'): RtpengineForks {
  return {
    source: { source: 'rtpengine', sourceName: 'x' },
    fork: () =>
      outcome === 'taken' ? Promise.resolve({ callId: 'ours' }) : Promise.reject(new SidetoneError(outcome, 'because')),
    changed: () => Promise.resolve(false),
    release: () => Promise.resolve(false),
    status: () => ({ address: 'x:1', state: 'up', copies: 0 }),
    close: () => Promise.resolve(),
  };
}

test.each([
  ['taken', 200],
  ['not-found', 404],
  ['conflict', 480],
  ['unsupported-audio', 488],
  ['rtpengine-unavailable', 503],
  ['media-worker-lost', 500],
] as const)('%s: the answer to the proxy', async (outcome, status) => {
  expect(await answerForkMessage(house(outcome), answered)).toEqual({
    status,
    ...(outcome === 'taken'
      ? { callId: 'ours' }
      : {
          refusal: {
            code: outcome,
            message: 'because',
            isUnread: false,
            ...(status === 503 ? { retryAfterS: 10 } : {}),
          },
        }),
  });
  expect(await answerForkMessage(house(outcome), 'BYE sip:a SIP/2.0\nCall-ID: 1')).toEqual({ status: 200 });
});
