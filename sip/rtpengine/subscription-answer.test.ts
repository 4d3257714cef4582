import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBencode, encodeBencode, type BencodeDictionary, type Encodable } from './bencode.ts';
import { decodeReply, readParticipants, readSubscriptionOffer, readUptimeS, type Participant } from './ng.ts';
import { RecorderDescription } from '../sdp/recorder-description.ts';
import { answerLines, readOfferedCopy, streamSettings } from './subscription-answer.ts';

const party = (tag: string): Participant => ({
  tag,
  label: null,
  peers: [],
  talks: true,
  listens: true,
  hasPorts: true,
  mediaKinds: ['audio'],
});
const sides = { caller: party('ann'), callee: party('bob') };

function sdp(...lines: readonly string[]): string {
  return ['v=0', 'o=- 1 1 IN IP4 192.0.2.20', 's=rtpengine', 't=0 0', ...lines, ''].join('\r\n');
}

test('lines are taken by their labels, all that we take of each answered, the rest refused in its place', () => {
  const offer = {
    sdp: sdp(
      'm=audio 30000 RTP/AVP 111 9 0 18 101',
      'c=IN IP4 192.0.2.20',
      'a=label:7',
      'a=rtpmap:111 opus/48000/2',
      'a=rtpmap:18 G729/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=sendonly',
      'm=video 30004 RTP/AVP 96',
      'a=label:8',
      'm=audio 30008 RTP/AVP 8',
      'c=IN IP4 192.0.2.21',
      'a=label:0',
      'a=sendonly',
      'm=audio 30012 RTP/AVP 8',
      'c=IN IP4 192.0.2.21',
      'a=label:1',
    ),
    toTag: 't',
    labelTags: new Map([
      ['7', 'bob'],
      ['8', 'bob'],
      ['0', 'ann'],
      ['1', 'ann'],
    ]),
    lineTags: [],
  };
  const copy = readOfferedCopy(offer, sides);
  expect(copy?.audio.caller?.index).toBe(2);
  const lines = answerLines(copy ?? { lines: [], audio: {} }, { caller: 20_000, callee: 20_002 });
  const answer = new RecorderDescription('192.0.2.10').write(lines);
  expect(answer.split('\r\n').filter((line) => /^m=|opus|=recvonly/.test(line))).toEqual([
    'm=audio 20002 RTP/AVP 111 9 0 101',
    'a=rtpmap:111 opus/48000/2',
    'a=recvonly',
    'm=video 0 RTP/AVP 96',
    'm=audio 20000 RTP/AVP 8',
    'a=recvonly',
    'm=audio 0 RTP/AVP 8',
  ]);
  const audio = copy?.audio.callee?.audio;
  expect(audio && streamSettings(audio, { talks: true, listens: false }, ['192.0.2.99'])).toMatchObject({
    remote: { address: '192.0.2.20', rtpPort: 30_000, rtcpPort: 30_001 },
    acceptedAddresses: ['192.0.2.20', '192.0.2.99'],
    expected: true,
    holding: true,
  });
});

test('nothing that rtpengine might answer makes a reader throw', () => {
  const word = fc.constantFrom(
    ...[
      'tags',
      'tag',
      'medias',
      'streams',
      'local port',
      'flags',
      'recv',
      'type',
      'audio',
      'subscriptions',
      'offer/answer',
    ],
    ...[
      'pub/sub',
      'sdp',
      'to-tag',
      'from-tags',
      'tag-medias',
      'label',
      'statistics',
      'totalstatistics',
      'uptime',
      '12',
      '',
    ],
    ...['result', 'ok', 'v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\nm=audio 1 RTP/AVP 0\r\na=label:x'],
  );
  const { value } = fc.letrec<{ value: Encodable }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      word,
      fc.integer(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(word, tie('value'), { maxKeys: 6 }),
    ),
  }));
  const dictionary = fc.dictionary(word, value, { maxKeys: 8 });
  fc.assert(
    fc.property(dictionary, (reply) => {
      const bytes = encodeBencode({ result: 'ok', ...reply });
      const fields = decodeBencode(bytes) as BencodeDictionary;
      expect(decodeReply(Buffer.concat([Buffer.from('cookie '), bytes]))).not.toBeNull();
      const participants = readParticipants(fields);
      const offer = readSubscriptionOffer(fields, participants);
      if (offer !== undefined) readOfferedCopy(offer, sides);
      readUptimeS(fields);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 3000) },
  );
});
