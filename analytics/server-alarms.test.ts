import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { callId, house, ringing, startEpochMs } from './testing/house.ts';
import { wholeStream } from './testing/samples.ts';
import type { Finding, StoreOp } from './types.ts';

test('a pause stands on the call with who wanted it, as long as anybody did', () => {
  const { analytics, call } = house();
  const note = (what: 'paused' | 'resumed', detail: string): void =>
    analytics.onCall({ type: 'note', callId, atEpochMs: startEpochMs, note: what, detail });
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
  note('paused', 'ann');
  analytics.onMedia({ type: 'paused', callId, sample: 16_000 });
  expect(call().pauses).toEqual([{ fromMs: 2_000, toMs: null, by: 'ann' }]);
  // The recorder client wants it as well, then neither does.
  note('paused', 'siprec');
  note('resumed', 'ann');
  note('resumed', 'siprec');
  analytics.onMedia({ type: 'resumed', callId, sample: 80_000 });
  // Quicker than media tells.
  note('paused', 'dtmf');
  note('resumed', 'dtmf');
  note('paused', 'bob');
  for (const type of ['paused', 'resumed', 'paused'] as const) analytics.onMedia({ type, callId, sample: 160_000 });
  analytics.onMedia({
    type: 'media-ended',
    callId,
    endSample: 240_000,
    streams: { caller: wholeStream, callee: wholeStream },
  });
  expect(call().pauses).toEqual([
    { fromMs: 2_000, toMs: 10_000, by: 'ann' },
    { fromMs: 20_000, toMs: 20_000, by: 'dtmf' },
    { fromMs: 20_000, toMs: 30_000, by: 'bob' },
  ]);
});

const alarms = (ops: readonly StoreOp[]): Finding[] =>
  ops.flatMap((op) => (op.op === 'finding' && op.finding.kind === 'system' ? [op.finding] : []));

test('a wholeStream that falls silent is a finding at once, which says when it has come back', () => {
  const { analytics, ops, live } = house();
  analytics.onCall(ringing());
  analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller', 'callee'] });
  analytics.onMedia({ type: 'stream-silent', callId, side: 'callee', sample: 80_000 });
  expect(alarms(ops)).toMatchObject([{ ruleId: 'stream-silent', side: 'callee', severity: 'high', startMs: 10_000 }]);
  expect(live.filter(({ type }) => type === 'finding')).toHaveLength(1);
  analytics.onMedia({ type: 'stream-resumed', callId, side: 'callee', sample: 160_000 });
  const [raised, cleared] = alarms(ops);
  expect(cleared).toMatchObject({ findingId: raised?.findingId, severity: 'medium', startMs: 10_000, endMs: 20_000 });
  analytics.onMedia({ type: 'stream-silent', callId, side: 'callee', sample: 200_000 });
  expect(alarms(ops).at(-1)?.findingId).not.toBe(raised?.findingId);
});

describe('an answered call of which nothing comes,', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is a finding after assurance.silentAfterS, and medium once sound has come', () => {
    const { analytics, ops } = house();
    analytics.onCall(ringing());
    analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
    vi.advanceTimersByTime(7_900);
    expect(alarms(ops)).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(alarms(ops)).toMatchObject([{ ruleId: 'no-media', severity: 'high', side: null }]);
    analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs + 9_000, sides: ['caller', 'callee'] });
    expect(alarms(ops).at(-1)).toMatchObject({ ruleId: 'no-media', severity: 'medium' });
  });

  test('or of which one side has no wholeStream is one too, until it has', () => {
    const { analytics, ops } = house();
    analytics.onCall(ringing());
    analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['caller'] });
    analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
    vi.advanceTimersByTime(8_100);
    expect(alarms(ops)).toMatchObject([{ ruleId: 'stream-missing', severity: 'high', side: 'callee' }]);
    analytics.onMedia({ type: 'side-added', callId, side: 'callee', sample: 80_000 });
    expect(alarms(ops).at(-1)).toMatchObject({ ruleId: 'stream-missing', severity: 'medium', endMs: 10_000 });
    const mixed = house();
    mixed.analytics.onCall(ringing());
    mixed.analytics.onMedia({ type: 'media-started', callId, atEpochMs: startEpochMs, sides: ['mixed'] });
    mixed.analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
    vi.advanceTimersByTime(8_100);
    expect(alarms(mixed.ops)).toEqual([]);
  });

  test('is none while somebody wants it paused, or where nothing was to be kept, or when it has ended', () => {
    for (const [record, event] of [
      ['redacted-only', { type: 'note', callId, atEpochMs: startEpochMs, note: 'paused', detail: 'siprec' }],
      ['none', { type: 'answered', callId, atEpochMs: startEpochMs }],
      [
        'redacted-only',
        {
          type: 'ended',
          callId,
          atEpochMs: startEpochMs,
          termination: { result: 'completed', reason: 'sender-ended', sipStatus: null },
        },
      ],
    ] as const) {
      const { analytics, ops } = house();
      analytics.onCall(ringing(record));
      analytics.onCall({ type: 'answered', callId, atEpochMs: startEpochMs });
      analytics.onCall(event);
      vi.advanceTimersByTime(20_000);
      expect(alarms(ops)).toEqual([]);
    }
  });
});
