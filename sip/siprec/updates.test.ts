import { expect, test } from 'vitest';
import type { PartySide } from '../types.ts';
import { Parties } from './parties.ts';
import { mergeMetadata, nothingKnown, type RecordingState } from './recording-state.ts';
import { readMetadata, type RsMetadata } from './rs-metadata.ts';
import { assignSides, type AssignedLine, type SideLine } from './sides.ts';

const metadata = (inner: string, mode = 'complete'): RsMetadata => {
  const read = readMetadata(`<recording><datamode>${mode}</datamode>${inner}</recording>`);
  if (!read.ok) throw new Error(read.problem);
  return read.metadata;
};
const participant = (id: string, name = id): string =>
  `<participant participant_id="${id}"><nameID aor="sip:${name}@example.com"/></participant>`;
const stream = (id: string, label: string): string => `<stream stream_id="${id}"><label>${label}</label></stream>`;
const sends = (id: string, ...streams: string[]): string =>
  `<participantstreamassoc participant_id="${id}">${streams.map((each) => `<send>${each}</send>`).join('')}</participantstreamassoc>`;
const session = (id: string, times: string): string =>
  `<participantsessionassoc participant_id="${id}" session_id="s">${times}</participantsessionassoc>`;

const twoParties =
  participant('p1', 'ann') +
  participant('p2', 'bob') +
  stream('t1', '1') +
  stream('t2', '2') +
  sends('p1', 't1') +
  sends('p2', 't2');
const merge = (before: RecordingState, inner: string, mode?: string): RecordingState =>
  mergeMetadata(before, metadata(inner, mode)).state;
const line = (label: string | null, side: PartySide | null = null, active = true): SideLine => ({
  label,
  usable: true,
  active,
  side,
});
const sides = (lines: readonly AssignedLine[]): (PartySide | null)[] => lines.map(({ side }) => side);

test('a partial update changes what it names and nothing else', () => {
  const before = merge(nothingKnown, twoParties);
  const after = merge(before, participant('p2', 'robert'), 'partial');
  expect(after.participants.map(({ aor, sends: sent, present }) => [aor, sent, present])).toEqual([
    ['sip:ann@example.com', ['t1'], true],
    ['sip:robert@example.com', ['t2'], true],
  ]);
  expect(after.streams).toEqual(before.streams);
});

test('a complete document stands for everything: whoever it leaves out has left', () => {
  const before = merge(nothingKnown, twoParties);
  const after = merge(before, participant('p1', 'ann') + stream('t1', '1') + sends('p1', 't1'));
  expect(after.participants.map(({ id, present }) => [id, present])).toEqual([
    ['p1', true],
    ['p2', false],
  ]);
});

test('a disassociated participant has left; one that moved to another session, or came back, has not', () => {
  const before = merge(nothingKnown, twoParties);
  const left =
    '<associate-time>2026-03-01T10:00:00Z</associate-time><disassociate-time>2026-03-01T10:05:00Z</disassociate-time>';
  expect(merge(before, session('p2', left), 'partial').participants[1]?.present).toBe(false);
  const moved = session('p2', left) + session('p2', '<associate-time>2026-03-01T10:05:00Z</associate-time>');
  expect(merge(before, moved, 'partial').participants[1]?.present).toBe(true);
  const gone = merge(before, session('p2', left), 'partial');
  expect(
    merge(gone, session('p2', '<associate-time>2026-03-01T10:06:00Z</associate-time>'), 'partial').participants[1]
      ?.present,
  ).toBe(true);
});

test('who leaves one of two sessions is still in the other; a session that stops takes with it who was in it alone', () => {
  const inSessions = (id: string, ...ids: string[]): string =>
    ids.map((each) => `<participantsessionassoc participant_id="${id}" session_id="${each}"/>`).join('');
  const before = merge(nothingKnown, twoParties + inSessions('p1', 's', 'c') + inSessions('p2', 's'));
  const here = (state: RecordingState): boolean[] => state.participants.map(({ present }) => present);
  const left = '<disassociate-time>2026-03-01T10:05:00Z</disassociate-time>';
  const one = merge(before, session('p1', left), 'partial');
  expect(here(one)).toEqual([true, true]);
  const stopped = '<session session_id="s"><stop-time>2026-03-01T10:05:00Z</stop-time></session>';
  expect(here(merge(before, stopped, 'partial'))).toEqual([true, false]);
  const whole = twoParties + inSessions('p1', 's', 'c') + inSessions('p2', 's');
  expect(here(merge(before, stopped + whole))).toEqual([true, false]);
  expect(here(merge(merge(before, stopped, 'partial'), inSessions('p2', 'c'), 'partial'))).toEqual([true, true]);
});

test('an update that speaks of what nobody has described is worth a snapshot', () => {
  const before = merge(nothingKnown, twoParties);
  expect(mergeMetadata(before, metadata(sends('p9', 't1'), 'partial')).dangling).toBe(true);
  expect(mergeMetadata(before, metadata(sends('p1', 't9'), 'partial')).dangling).toBe(true);
  expect(mergeMetadata(before, metadata(sends('p1', 't2'), 'partial')).dangling).toBe(false);
});

test('transfer: the callee leaves and another speaks on its line, or on a new one; the side stays', () => {
  const before = merge(nothingKnown, twoParties);
  const left = session('p2', '<disassociate-time>2026-03-01T10:05:00Z</disassociate-time>');
  const same = merge(before, left + sends('p2') + participant('p3', 'cat') + sends('p3', 't2'), 'partial');
  expect(assignSides([line('1', 'caller'), line('2', 'callee')], same)).toEqual([
    { side: 'caller', participants: ['p1'] },
    { side: 'callee', participants: ['p3'] },
  ]);
  const other = merge(before, left + participant('p3', 'cat') + stream('t3', '3') + sends('p3', 't3'), 'partial');
  const lines = [line('1', 'caller'), line('2', 'callee', false), line('3')];
  expect(sides(assignSides(lines, other))).toEqual(['caller', null, 'callee']);
});

test('a third joins as other, a fourth has no place; a line off keeps its side until another needs it', () => {
  const known = merge(nothingKnown, twoParties + participant('p3') + stream('t3', '3') + sends('p3', 't3'));
  expect(sides(assignSides([line('1', 'caller'), line('2', 'callee'), line('3')], known))).toEqual([
    'caller',
    'callee',
    'other',
  ]);
  expect(sides(assignSides([line('1'), line('2'), line('3'), line('4')], known))).toEqual([
    'caller',
    'callee',
    'other',
    null,
  ]);
  expect(sides(assignSides([line('1', 'caller'), line('2', 'callee', false)], known))).toEqual(['caller', 'callee']);
});

test('one line: of one sender it is its side, of several or of nobody it is mixed', () => {
  expect(sides(assignSides([line('1')], nothingKnown))).toEqual(['mixed']);
  const both = merge(nothingKnown, participant('p1') + participant('p2') + stream('t', '1'));
  expect(assignSides([line('1')], both)).toEqual([{ side: 'mixed', participants: ['p1', 'p2'] }]);
  const called = '<x><callingParty>false</callingParty></x>';
  const one = merge(
    nothingKnown,
    `<participant participant_id="p1">${called}</participant>${participant('p2')}${stream('t', '1')}${sends('p1', 't')}`,
  );
  expect(assignSides([line('1')], one)).toEqual([{ side: 'callee', participants: ['p1'] }]);
});

test('only who receives is said: of two, each sends what the other receives', () => {
  const receives = (id: string, which: string): string =>
    `<participantstreamassoc participant_id="${id}"><recv>${which}</recv></participantstreamassoc>`;
  const known = merge(
    nothingKnown,
    participant('p1') +
      participant('p2') +
      stream('t1', '1') +
      stream('t2', '2') +
      receives('p1', 't1') +
      receives('p2', 't2'),
  );
  expect(assignSides([line('1'), line('2')], known)).toEqual([
    { side: 'callee', participants: ['p2'] },
    { side: 'caller', participants: ['p1'] },
  ]);
});

test('a stream whose id is the label, and one that is sent by its label', () => {
  const byId = merge(
    nothingKnown,
    participant('p1') +
      participant('p2') +
      '<stream stream_id="5"/><stream stream_id="6"/>' +
      sends('p1', '6') +
      sends('p2', '5'),
  );
  const crossed = [
    { side: 'callee', participants: ['p2'] },
    { side: 'caller', participants: ['p1'] },
  ];
  expect(assignSides([line('5'), line('6')], byId)).toEqual(crossed);
  const byLabel = merge(
    nothingKnown,
    participant('p1') + participant('p2') + stream('t1', '5') + stream('t2', '6') + sends('p1', '6') + sends('p2', '5'),
  );
  expect(assignSides([line('5'), line('6')], byLabel)).toEqual(crossed);
});

test('parties keep their ids, and those who leave stay in the list with the time of it', () => {
  const parties = new Parties();
  const unknown = (): { uri: null; displayName: null; role: 'unknown' } => ({
    uri: null,
    displayName: null,
    role: 'unknown',
  });
  const lines = [line('1', 'caller'), line('2', 'callee')];
  const before = merge(nothingKnown, twoParties);
  const first = parties.update(assignSides(lines, before), before, 0, unknown);
  const after = merge(
    before,
    participant('p1', 'ann') +
      participant('p3', 'cat') +
      stream('t1', '1') +
      stream('t2', '2') +
      sends('p1', 't1') +
      sends('p3', 't2'),
  );
  const second = parties.update(assignSides(lines, after), after, 7000, unknown);
  expect(second).toMatchObject([
    { partyId: first[0]?.partyId, side: 'caller', uri: 'sip:ann@example.com', joinedMs: 0, leftMs: null },
    { partyId: first[1]?.partyId, side: 'callee', uri: 'sip:bob@example.com', joinedMs: 0, leftMs: 7000 },
    { side: 'callee', uri: 'sip:cat@example.com', joinedMs: 7000, leftMs: null },
  ]);
  expect(parties.update(assignSides(lines, after), after, 9000, unknown)).toEqual(second);
});

test('whom the network withholds has no URI', () => {
  const known = merge(nothingKnown, participant('p1', 'anonymous') + participant('p2', 'bob'));
  const parties = new Parties().update(assignSides([line('1'), line('2')], known), known, 0, () => {
    throw new Error('both are described');
  });
  expect(parties.map(({ uri }) => uri)).toEqual([null, 'sip:bob@example.com']);
});
