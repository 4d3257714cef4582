import { expect, test } from 'vitest';
import type { Party } from '#sip/types.ts';
import { sideName, speakerName, whoTalked } from '../../client/sides.ts';
import { happeningsOf, soundsOf, stretchesOf, woven } from './happenings.ts';

const party = (change: Partial<Party> & Pick<Party, 'side'>): Party => ({
  partyId: change.displayName ?? change.side,
  uri: null,
  displayName: null,
  role: 'unknown',
  joinedMs: 0,
  leftMs: null,
  ...change,
});
const dana = party({ side: 'caller', displayName: 'Dana' });
const anna = party({ side: 'callee', displayName: 'Anna', leftMs: 20_000 });
const bob = party({ side: 'callee', displayName: 'Bob', joinedMs: 21_000 });
const sam = party({ side: 'other', displayName: 'Sam', joinedMs: 5000 });

test('who talked to whom: two, a transfer, a third, one stream for all', () => {
  expect(whoTalked([dana, party({ side: 'callee', uri: 'sip:2001@192.0.2.1' })])).toBe('Dana → 2001');
  expect(whoTalked([dana, anna, bob, sam])).toBe('Dana → Anna, Bob + Sam');
  expect(whoTalked([party({ side: 'mixed' })])).toBe('everyone');
  expect(
    whoTalked([
      { ...dana, side: 'mixed' },
      { ...anna, side: 'mixed' },
    ]),
  ).toBe('Dana, Anna');
  expect(whoTalked([party({ side: 'caller' }), party({ side: 'callee' })])).toBe('caller → callee');
  expect(whoTalked([party({ side: 'caller' }), anna])).toBe('withheld → Anna');
  expect(sideName([dana], 'callee')).toBe('unknown');
});

test('who was on a side when something was said', () => {
  const said = (startMs: number, partyId: string | null = null) => ({ side: 'callee' as const, partyId, startMs });
  const all = [dana, anna, bob];
  expect(speakerName(all, said(1000))).toBe('Anna');
  expect(speakerName(all, said(30_000))).toBe('Bob');
  expect(speakerName(all, said(30_000, 'Anna'))).toBe('Anna');
  expect(speakerName([dana, party({ side: 'callee' })], said(1000, 'callee'))).toBe('withheld');
  expect(speakerName([party({ side: 'caller' }), party({ side: 'callee' })], said(1000, 'callee'))).toBe('callee');
});

test('what was heard besides words lies on its lane; what names no side or had no end is none', () => {
  const notes = [
    { atMs: 0, note: 'ringback', detail: 'callee', untilMs: 6000 },
    { atMs: 9000, note: 'music', detail: 'caller', untilMs: 40_000 },
    { atMs: 9000, note: 'echo', detail: 'caller' },
    { atMs: 9000, note: 'music', detail: 'somewhere', untilMs: 40_000 },
    { atMs: null, note: 'music', detail: 'caller', untilMs: 40_000 },
  ];
  expect(soundsOf({ notes })).toEqual([
    { kind: 'ringback', side: 'callee', startMs: 0, endMs: 6000 },
    { kind: 'music', side: 'caller', startMs: 9000, endMs: 40_000 },
  ]);
});

test('joined, left, paused and held stand at their time, in order', () => {
  const call = {
    parties: [dana, anna, bob, sam],
    pauses: [
      { fromMs: 8000, toMs: 50_000, by: 'Priya' },
      { fromMs: 60_000, toMs: null, by: 'siprec' },
    ],
    notes: [
      { atMs: 1000, note: 'hold', detail: 'callee' },
      { atMs: 1500, note: 'hold', detail: 'callee' },
      { atMs: 4000, note: 'resume', detail: 'callee' },
      { atMs: 70_000, note: 'hold', detail: 'caller' },
      { atMs: 71_000, note: 'resume', detail: 'nobody we know' },
    ],
  };
  expect(happeningsOf(call).map(({ atMs, says }) => `${atMs} ${says}`)).toEqual([
    '1000 Hold (callee) for 3 s',
    '5000 Sam (other) joined',
    '8000 Paused by Priya for 42 s: nothing was recorded or transcribed',
    '20000 Anna (callee) left',
    '21000 Bob (callee) joined',
    '60000 Paused by siprec: nothing is recorded or transcribed',
    '70000 Hold (caller)',
  ]);
  expect(stretchesOf(call).map(({ kind, startMs, endMs }) => [kind, startMs, endMs])).toEqual([
    ['hold', 1000, 4000],
    ['pause', 8000, 50_000],
    ['pause', 60_000, null],
    ['hold', 70_000, null],
  ]);
});

test('what happened stands between what was said', () => {
  const said = [{ startMs: 100 }, { startMs: 300 }];
  const happenings = [100, 200, 400].map((atMs) => ({ atMs, says: '' }));
  const order = woven(said, happenings).map((each) => ('says' in each ? `m${each.atMs}` : `s${each.startMs}`));
  expect(order).toEqual(['m100', 's100', 'm200', 's300', 'm400']);
});
