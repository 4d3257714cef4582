import { describe, expect, test } from 'vitest';
import { decodeBencode, encodeBencode, type BencodeDictionary, type Encodable } from './bencode.ts';
import { readForkRequest } from './fork-request.ts';
import { readParticipants, readSubscriptionOffer } from './ng.ts';
import { partiesFrom, sidesOf } from './parties.ts';

const media = { type: 'audio', flags: ['initialized', 'send', 'recv'], streams: [{ 'local port': 30_000 }] };
const link = (tag: string, type = 'offer/answer'): Encodable => ({ tag, type });

function dictionary(value: Encodable): BencodeDictionary {
  return decodeBencode(encodeBencode(value)) as BencodeDictionary;
}

describe('who called and who was called', () => {
  test('two parties: who offered called; copies of others and the unanswered are nobody', () => {
    const participants = readParticipants(
      dictionary({
        tags: {
          9: {
            tag: '9',
            subscriptions: [link('5')],
            subscribers: [link('5'), link('rec', 'pub/sub')],
            medias: [media],
          },
          '<untagged 2>': { tag: '', subscriptions: [link('9')], subscribers: [link('9')], medias: [media] },
          5: {
            tag: '5',
            subscriptions: [link('9')],
            subscribers: [link('9')],
            medias: [{ ...media, flags: ['recv'] }],
          },
          rec: { tag: 'rec', subscriptions: [link('9', 'pub/sub')], subscribers: [], medias: [media] },
        },
      }),
    );
    expect(participants.map(({ tag }) => tag).toSorted()).toEqual(['5', '9']);
    const { caller, callee } = sidesOf(participants, { sipCallId: 'x', fromTag: '9' });
    expect([caller.tag, callee.tag]).toEqual(['9', '5']);
    expect(callee).toMatchObject({ talks: true, listens: false, hasPorts: true });
  });

  test('an rtpengine that knows no subscriptions names the partner', () => {
    const participants = readParticipants(
      dictionary({
        tags: {
          zz: { tag: 'zz', 'in dialogue with': 'aa', medias: [media] },
          aa: { tag: 'aa', 'in dialogue with': 'zz', medias: [media] },
        },
      }),
    );
    const { caller, callee } = sidesOf(participants, { sipCallId: 'x' });
    expect([caller.tag, callee.tag]).toEqual(['zz', 'aa']);
    // One tag is enough to know both.
    expect(sidesOf(participants, { sipCallId: 'x', toTag: 'zz' }).caller.tag).toBe('aa');
  });

  test('several answered, and nobody says which', () => {
    const party = (tag: string, peers: readonly string[]): Encodable => ({
      tag,
      subscriptions: peers.map((each) => link(each)),
      subscribers: [],
      medias: [media],
    });
    const participants = readParticipants(
      dictionary({ tags: { a: party('a', ['b', 'c']), b: party('b', ['a']), c: party('c', ['a']) } }),
    );
    expect(() => sidesOf(participants, { sipCallId: 'x' })).toThrow('toTag');
    expect(sidesOf(participants, { sipCallId: 'x', toTag: 'c' }).callee.tag).toBe('c');
  });

  test('a version that does not say which line is whose: in the order of its tags', () => {
    const participants = readParticipants(
      dictionary({ tags: { a: { tag: 'a', medias: [media, media] }, b: { tag: 'b', medias: [media] } } }),
    );
    const offer = readSubscriptionOffer(
      dictionary({ sdp: 'v=0', 'to-tag': 't', 'from-tags': ['a', 'b'] }),
      participants,
    );
    expect(offer?.lineTags).toEqual(['a', 'a', 'b']);
  });
});

test.each([
  ['sip:ann@a.example:5062;transport=tcp', 'sip:ann@a.example', null],
  ['"Ann \\"A.\\"" <tel:+44-20-7946-0000>', 'tel:+442079460000', 'Ann "A."'],
  ['"Anonymous" <sip:anonymous@anonymous.invalid>', null, null],
  ['nonsense', null, null],
  ['', null, null],
])('a party said to be %s', (caller, uri, displayName) => {
  expect(partiesFrom({ sipCallId: 'x', caller })[0]).toMatchObject({ side: 'caller', uri, displayName });
});

test.each([
  [{}, 'sipCallId'],
  [{ sipCallId: '' }, 'sipCallId'],
  [{ sipCallId: 'a b' }, 'sipCallId'],
  [{ sipCallId: 'a', fromtag: 'b' }, 'fromtag'],
  [{ sipCallId: 'a', toTag: 'x'.repeat(300) }, 'toTag'],
  ['text', 'object'],
])('%j is no request', (value, said) => {
  expect(() => readForkRequest(value)).toThrow(said);
});
