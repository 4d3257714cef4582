import { expect, test } from 'vitest';
import type { CdrCandidate, CdrRecord } from '#analytics/types.ts';
import { matchCdr } from './match.ts';
import { whenStillUnmatched } from './schedule.ts';

const startMs = Date.parse('2026-11-25T10:00:00Z');
const at = (s: number): string => new Date(startMs + s * 1000).toISOString();

function cdr(change: Partial<CdrRecord> = {}): CdrRecord {
  return {
    recordId: 'r',
    sourceName: 'pbx',
    uniqueId: null,
    groupId: null,
    startedAt: at(0),
    answeredAt: at(20),
    endedAt: at(80),
    talkedMs: 60_000,
    caller: '0301234567',
    callee: '204',
    aliases: [],
    sipCallIds: [],
    excluded: null,
    ...change,
  };
}
function call(callId: string, startedS: number, change: Partial<CdrCandidate> = {}): CdrCandidate {
  return {
    callId,
    by: 'time',
    claimed: false,
    startedAt: at(startedS),
    answeredAt: at(startedS),
    endedAt: at(startedS + 60),
    uris: ['sip:+49301234567@sbc', 'sip:204@pbx'],
    ...change,
  };
}
function found(record: CdrRecord, ...calls: readonly CdrCandidate[]): string | undefined {
  return matchCdr(record, calls, { withinMs: 10_000, nowEpochMs: startMs + 100_000 })?.callId;
}

test('the same numbers at the same time, whether the copy began with the ringing or the answer', () => {
  expect(found(cdr(), call('a', 1))).toBe('a');
  expect(found(cdr(), call('a', 29))).toBe('a');
  expect(found(cdr(), call('a', 31))).toBeUndefined();
  expect(found(cdr(), call('far', -9), call('near', 2))).toBe('near');
  expect(found(cdr(), call('turned', 0, { uris: ['sip:204@pbx', 'tel:+49301234567'] }))).toBe('turned');
});

test('another call of one of them is another call', () => {
  expect(found(cdr(), call('a', 0, { uris: ['sip:+49301234567@sbc', 'sip:205@pbx'] }))).toBeUndefined();
  expect(found(cdr({ callee: '20' }), call('a', 0))).toBeUndefined();
});

test('whom the call does not name may be whom the record names', () => {
  expect(found(cdr(), call('withheld', 0, { uris: [null, 'sip:204@pbx'] }))).toBe('withheld');
  expect(found(cdr(), call('mixed', 0, { uris: ['sip:204@pbx'] }))).toBe('mixed');
  expect(found(cdr(), call('nobody', 0, { uris: [null, null] }))).toBeUndefined();
  expect(found(cdr({ caller: null }), call('a', 0))).toBe('a');
});

test('a queue was dialled and an agent answered: the agent is known by the channel', () => {
  expect(found(cdr({ callee: '600', aliases: ['carrier', '204'] }), call('a', 0))).toBe('a');
  expect(found(cdr({ callee: '600', aliases: ['carrier', '205'] }), call('a', 0))).toBeUndefined();
});

test('a call is of one record; who redials has two calls', () => {
  expect(found(cdr(), call('first', 0, { claimed: true }), call('second', 8))).toBe('second');
  expect(found(cdr(), call('first', 0, { claimed: true }))).toBeUndefined();
});

test('a Call-ID decides, whatever time and numbers say, and may be of several records', () => {
  const other = call('by-id', 500, { by: 'sip-call-id', claimed: true, uris: [null, null] });
  expect(found(cdr({ sipCallIds: ['x'] }), call('a', 0), other)).toBe('by-id');
});

test('a further record of a group is of its call if that was on at the time', () => {
  const group = (startedS: number, endedS: number | null): CdrCandidate =>
    call('g', startedS, { by: 'group', claimed: true, endedAt: endedS === null ? null : at(endedS) });
  expect(found(cdr({ callee: '777' }), group(-300, 90))).toBe('g');
  expect(found(cdr({ callee: '777' }), group(-300, null))).toBe('g');
  expect(found(cdr({ callee: '777' }), group(-300, 49))).toBeUndefined();
  expect(found(cdr({ callee: '777' }), group(-300, 51))).toBe('g');
  expect(found(cdr(), group(-300, 90), call('own', 0))).toBe('own');
});

test('a record waits, is told of when its grace is over, and is looked for less and less', () => {
  const graceMs = 300_000;
  const next = (s: number): readonly [string, number | null] => {
    const nowMs = startMs + s * 1000;
    const { state, nextCheckAt } = whenStillUnmatched(cdr(), graceMs, nowMs);
    return [state, nextCheckAt === null ? null : (Date.parse(nextCheckAt) - nowMs) / 1000];
  };
  expect(next(80)).toEqual(['waiting', 37.5]);
  expect(next(370)).toEqual(['waiting', 10]);
  expect(next(380)).toEqual(['unmatched', 300]);
  expect(next(380 + 3600)).toEqual(['unmatched', 3600]);
  expect(next(380 + 5 * 86_400)).toEqual(['unmatched', 86_400]);
  expect(next(380 + 31 * 86_400)).toEqual(['unmatched', null]);
});
