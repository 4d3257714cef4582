import { beforeEach, expect, test } from 'vitest';
import type { Clock } from '#lib/clock.ts';
import type { SourceIdentity, TerminationReason } from '../types.ts';
import { Sources } from './book.ts';

let nowMs = 0;
const clock: Clock = { nowMs: () => nowMs, nowEpochMs: () => nowMs };
let sources: Sources;
beforeEach(() => {
  nowMs = 1000;
  sources = new Sources(clock, (address) => ({ source: 'b2bua', sourceName: address }));
});

const trunk: SourceIdentity = { source: 'b2bua', sourceName: 'carrier' };
const peer = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 } as const;
const noRoute = { reason: 'no-route', remedy: 'make one' };

function say(direction: 'received' | 'sent', first: string, sipCallId: string, fill = 0): void {
  const text = `${first}\r\nCall-ID: ${sipCallId}\r\nX-Fill: ${'x'.repeat(fill)}\r\n\r\n`;
  sources.tap.message(direction, Buffer.from(text), peer);
}
function ringing(callId: string, sipCallId: string, source = trunk): void {
  const rest = { parties: [], record: 'none', headers: {} } as const;
  sources.follow({ type: 'ringing', callId, atEpochMs: 5, ...source, sipCallIds: [sipCallId], ...rest });
}
function ended(callId: string, reason: TerminationReason = 'caller-hung-up'): void {
  const termination = { result: 'completed', reason, sipStatus: null } as const;
  sources.follow({ type: 'ended', callId, atEpochMs: 5, termination });
}
const ladder = (): string[] => sources.list()[0]?.ladder.map(({ summary }) => summary) ?? [];

test('calls now, calls in all, the last one, and from where', () => {
  sources.seen(trunk, '192.0.2.1:5060');
  ringing('a', '1');
  ringing('b', '2');
  sources.follow({ type: 'answered', callId: 'a', atEpochMs: 5 });
  ended('a');
  nowMs = 2000;
  sources.heard('b', '192.0.2.2:5060');
  sources.heard('a', '192.0.2.9:5060');
  expect(sources.list()).toMatchObject([
    {
      ...trunk,
      firstSeenEpochMs: 1000,
      lastSeenEpochMs: 2000,
      addresses: ['192.0.2.2:5060', '192.0.2.1:5060'],
      callsNow: 1,
      calls: 2,
      lastCallId: 'a',
    },
  ]);
});

test('refusals are counted by reason, the latest first; whoever was seen last stands first', () => {
  sources.refused(trunk, '192.0.2.1:5060', noRoute);
  sources.refused(trunk, '192.0.2.1:5060', { reason: 'malformed', remedy: 'x' });
  nowMs = 3000;
  sources.refused(trunk, '192.0.2.1:5060', noRoute);
  nowMs = 4000;
  sources.seen({ source: 'websocket', sourceName: 'app' }, '192.0.2.3:1');
  const [first, second] = sources.list();
  expect(first?.sourceName).toBe('app');
  expect(second?.refused).toEqual([
    { ...noRoute, count: 2, lastEpochMs: 3000 },
    { reason: 'malformed', remedy: 'x', count: 1, lastEpochMs: 1000 },
  ]);
});

test('calls that came to nothing by what can be mended are told of as well', () => {
  ringing('a', '1');
  ringing('b', '2');
  ended('a', 'no-target-reachable');
  ended('b', 'callee-busy');
  expect(sources.list()[0]?.refused).toMatchObject([{ reason: 'no-target-reachable', count: 1 }]);
});

test('calls that were taken with something amiss are told of by what can be mended, and which was the last', () => {
  const note = (callId: string, word: string, detail: string): void =>
    sources.follow({ type: 'note', callId, atEpochMs: 5, note: word, detail });
  ringing('a', '1');
  ringing('b', '2');
  note('a', 'metadata-missing', 'siprec');
  nowMs = 2000;
  note('a', 'stream-not-taken', 'no-common-codec');
  note('a', 'stream-not-taken', 'three-streams-at-most');
  nowMs = 3000;
  note('b', 'metadata-missing', 'siprec');
  note('b', 'metadata-missing', 'plain');
  note('b', 'hold', 'caller');
  const remarks = sources.list()[0]?.remarks ?? [];
  expect(remarks).toMatchObject([
    { reason: 'metadata-missing', count: 2, lastEpochMs: 3000, lastCallId: 'b' },
    { reason: 'stream-not-taken', count: 1, lastCallId: 'a' },
    { reason: 'stream-not-taken', count: 1, lastEpochMs: 2000 },
  ]);
  expect(remarks[1]?.remedy).toContain('three streams');
  expect(remarks[2]?.remedy).toContain('G.711');
  expect(sources.list()[0]?.refused).toEqual([]);
});

test('the ladder is that of the last dialog, both legs of it in the order of the wire', () => {
  say('received', 'INVITE sip:1@x SIP/2.0', 'one');
  ringing('a', 'one');
  say('sent', 'SIP/2.0 100 Trying', 'one');
  say('sent', 'INVITE sip:1@y SIP/2.0', 'two');
  say('sent', 'SIP/2.0 180 Ringing', 'one');
  sources.follow({ type: 'leg', callId: 'a', atEpochMs: 5, sipCallId: 'two' });
  say('received', 'SIP/2.0 200 OK', 'two');
  say('received', 'BYE sip:1@x SIP/2.0', 'another');
  expect(ladder()).toEqual(['INVITE', '100 Trying', 'INVITE', '180 Ringing', '200 OK']);
  say('received', 'INVITE sip:1@x SIP/2.0', 'three');
  sources.refusedDialog(trunk, '192.0.2.1:5060', 'three', noRoute);
  say('sent', 'SIP/2.0 404 Not Found', 'three');
  say('received', 'BYE sip:1@x SIP/2.0', 'one');
  expect(ladder()).toEqual(['INVITE', '404 Not Found']);
});

test('a ladder keeps its beginning and its end, whatever comes in between, and however long the messages', () => {
  say('received', 'INVITE sip:1@x SIP/2.0', 'one');
  ringing('a', 'one');
  for (let at = 100; at < 400; at += 1) say('received', `SIP/2.0 ${at} Word`, 'one');
  expect(ladder()).toHaveLength(64);
  expect([ladder()[0], ladder().at(-1)]).toEqual(['INVITE', '399 Word']);
  for (let at = 400; at < 500; at += 1) say('received', `SIP/2.0 ${at} Word`, 'one', 20_000);
  const kept = sources.list()[0]?.ladder ?? [];
  expect([kept[0]?.summary, kept.at(-1)?.summary]).toEqual(['INVITE', '499 Word']);
  expect(kept.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(64 * 1024);
  expect(kept.at(-1)?.text.endsWith('...')).toBe(true);
});

test('of a thousand sources strangers go before those that had calls, and those with a call stay', () => {
  const named = (sourceName: string): SourceIdentity => ({ source: 'b2bua', sourceName });
  ringing('busy', 'x', named('busy'));
  ringing('idle', 'y', named('idle'));
  ended('idle');
  for (let at = 0; at < 5000; at += 1) {
    nowMs += 1;
    sources.refused(named(`192.0.2.${at}`), `192.0.2.${at}:5060`, noRoute);
  }
  const names = sources.list().map(({ sourceName }) => sourceName);
  expect(names).toHaveLength(1000);
  expect(names).toEqual(expect.arrayContaining(['busy', 'idle', '192.0.2.4999']));
  expect(names).not.toContain('192.0.2.0');
});

test('memory is bounded over all sources: the oldest ladders go', () => {
  const named = (at: number): SourceIdentity => ({ source: 'b2bua', sourceName: String(at) });
  for (let at = 0; at < 600; at += 1) {
    say('received', 'INVITE sip:1@x SIP/2.0', `c${at}`);
    ringing(`call${at}`, `c${at}`, named(at));
    for (let more = 0; more < 8; more += 1) say('received', 'SIP/2.0 200 OK', `c${at}`, 20_000);
  }
  const kept = new Map(sources.list().map(({ sourceName, ladder: shown }) => [sourceName, shown.length]));
  expect(kept.get('599')).toBeGreaterThan(4);
  expect(kept.get('0')).toBe(0);
});
