import { describe, expect, test } from 'vitest';
import type { AssuranceReason, AssuranceVerdict, Call, CdrFilePosition, CdrRecord } from '#analytics/types.ts';
import { hasCode } from '#lib/errors.ts';
import { endedCall, sampleCall } from '../test/samples.ts';
import { useDatabase } from '../test/house.ts';
import { databaseKinds } from '../test/storage.ts';

function judged(callId: string, startedAt: string, verdict: AssuranceVerdict, reason: AssuranceReason): Call {
  const assurance = { verdict, reason, streams: [] };
  return endedCall(callId, { startedAt, completeness: verdict, assurance, sourceName: 'sbc', source: 'siprec' });
}

function cdr(recordId: string, change: Partial<CdrRecord> = {}): CdrRecord {
  return {
    recordId,
    sourceName: 'pbx',
    uniqueId: `u-${recordId}`,
    groupId: null,
    startedAt: '2026-03-10T09:00:00.000Z',
    answeredAt: '2026-03-10T09:00:04.000Z',
    endedAt: '2026-03-10T09:01:04.000Z',
    talkedMs: 60_000,
    caller: '+493012345678',
    callee: '204',
    aliases: [],
    sipCallIds: [],
    excluded: null,
    ...change,
  };
}

const position: CdrFilePosition = {
  path: '/var/log/Master.csv',
  sourceName: 'pbx',
  headBytes: 10,
  headSha256: 'ab',
  offsetBytes: 5_000_000_000,
  lines: 12,
  header: null,
  badLines: 1,
  lastBadLine: 7,
  lastBadProblem: 'not-csv',
  firstSeenAt: '2026-03-01T00:00:00.000Z',
  readAt: '2026-03-10T10:00:00.000Z',
};
const everything = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', timeZone: 'UTC' };

for (const kind of databaseKinds) {
  describe.skipIf(!kind.available)(`assurance on ${kind.name}`, () => {
    const house = useDatabase(kind);

    test('calls are counted by source, by day of the asker and by reason', async () => {
      const calls = [
        judged('a', '2026-03-10T22:30:00.000Z', 'complete', 'all-there'),
        judged('b', '2026-03-10T22:59:59.000Z', 'partial', 'stream-silent'),
        judged('c', '2026-03-10T23:00:00.000Z', 'missing', 'nothing-came'),
        judged('d', '2026-03-11T12:00:00.000Z', 'complete', 'all-there'),
        judged('e', '2026-03-11T12:00:01.000Z', 'excluded', 'record-none'),
        judged('f', '2026-03-11T12:00:02.000Z', 'partial', 'stream-silent'),
        judged('g', '2026-03-11T12:00:03.000Z', 'complete', 'all-there'),
        sampleCall('h', { startedAt: '2026-03-11T12:00:04.000Z', sourceName: 'sbc', source: 'siprec' }),
        judged('i', '2025-12-31T23:59:59.999Z', 'missing', 'nothing-came'),
        { ...judged('j', '2026-03-11T12:00:00.000Z', 'complete', 'all-there'), sourceName: 'carrier' },
      ];
      for (const call of calls) house.db.store.write({ op: 'call', call });
      await house.db.flush();

      const report = await house.db.assurance.report({ ...everything, timeZone: 'Europe/Berlin' });
      expect(report.sources.map(({ sourceName, share }) => [sourceName, share])).toEqual([
        ['carrier', 1],
        ['sbc', 0.5],
      ]);
      expect(report.sources[1]).toEqual({
        source: 'siprec',
        sourceName: 'sbc',
        calls: 8,
        complete: 3,
        partial: 2,
        missing: 1,
        excluded: 1,
        pending: 1,
        share: 0.5,
        days: [
          { day: '2026-03-10', calls: 2, complete: 1, partial: 1, missing: 0, excluded: 0, pending: 0, share: 0.5 },
          { day: '2026-03-11', calls: 6, complete: 2, partial: 1, missing: 1, excluded: 1, pending: 1, share: 0.5 },
        ],
        reasons: [
          { verdict: 'partial', reason: 'stream-silent', count: 2 },
          { verdict: 'missing', reason: 'nothing-came', count: 1 },
        ],
      });
      expect(report).toMatchObject({ calls: 9, complete: 4, share: 4 / 7 });

      const first = await house.db.assurance.report({ ...everything, limit: 2 });
      expect(first.flagged.items.map(({ callId }) => callId)).toEqual(['f', 'c']);
      const second = await house.db.assurance.report({ ...everything, limit: 2, after: first.flagged.next ?? '' });
      expect(second.flagged).toEqual({
        items: [
          {
            callId: 'b',
            startedAt: '2026-03-10T22:59:59.000Z',
            source: 'siprec',
            sourceName: 'sbc',
            durationMs: 60_000,
            verdict: 'partial',
            reason: 'stream-silent',
          },
        ],
        next: null,
      });
    });

    test.each(['+02:00', 'Mars/Olympus', "UTC'"])('%s is no time zone', async (timeZone) => {
      const refused = await house.db.assurance.report({ ...everything, timeZone }).catch((error: unknown) => error);
      expect(hasCode(refused, 'bad-request')).toBe(true);
    });

    test('records are stored once, with how far their file has been read', async () => {
      expect(await house.db.cdrs.take(position, [cdr('1'), cdr('2', { excluded: 'not-answered' })])).toBe(2);
      const later = { ...position, offsetBytes: 6_000_000_000, lines: 14 };
      expect(await house.db.cdrs.take(later, [cdr('2'), cdr('3')])).toBe(1);
      expect(await house.db.cdrs.positions()).toEqual([later]);
      expect(await house.db.cdrs.counts()).toEqual({ waiting: 2, matched: 0, unmatched: 0, excluded: 1 });
      const due = await house.db.cdrs.due(['pbx'], '2026-03-10T10:00:00.000Z', 10);
      expect(due).toEqual([
        { record: cdr('1'), state: 'waiting' },
        { record: cdr('3'), state: 'waiting' },
      ]);
      expect(await house.db.cdrs.due(['another'], '2026-03-10T10:00:00.000Z', 10)).toEqual([]);
    });

    test('calls that may be of a record are found by Call-ID, by group and by time', async () => {
      const near = endedCall('near', { startedAt: '2026-03-10T09:00:34.000Z', sipCallIds: ['near@pbx'] });
      const far = endedCall('far', { startedAt: '2026-03-12T09:00:00.000Z', sipCallIds: ['far@pbx'] });
      for (const call of [near, far]) house.db.store.write({ op: 'call', call });
      await house.db.flush();
      const by = async (change: Partial<CdrRecord>): Promise<string[]> => {
        const found = await house.db.cdrs.candidates(cdr('1', change), 30_000);
        return found.map(({ callId, by: how, claimed }) => `${callId} ${how} ${claimed}`).toSorted();
      };
      expect(await by({})).toEqual(['near time false']);
      expect(await by({ answeredAt: null })).toEqual([]);
      expect(await by({ sipCallIds: ['x', 'far@pbx'] })).toEqual(['far sip-call-id false', 'near time false']);
      await house.db.cdrs.take(position, [cdr('grouped', { groupId: 'g' })]);
      await house.db.cdrs.settle([{ recordId: 'grouped', state: 'matched', callId: 'far' }]);
      expect(await by({ groupId: 'g' })).toEqual(['far group true', 'near time false']);
      expect((await house.db.cdrs.candidates(cdr('1'), 30_000))[0]).toMatchObject({
        startedAt: '2026-03-10T09:00:34.000Z',
        endedAt: '2026-11-25T10:01:05.000Z',
        uris: ['sip:ann@example.org', 'sip:100%_desk@example.org'],
      });
    });

    test('what becomes of a record is kept and reported; its numbers go with its call', async () => {
      await house.db.cdrs.settle([
        { recordId: '1', state: 'matched', callId: 'near' },
        { recordId: '3', state: 'unmatched', nextCheckAt: '2026-03-10T11:00:00.000Z' },
      ]);
      expect(await house.db.cdrs.due(['pbx'], '2026-03-10T10:59:00.000Z', 10)).toEqual([]);
      expect(await house.db.cdrs.due(['pbx'], '2026-03-10T11:00:00.000Z', 10)).toEqual([
        { record: cdr('3'), state: 'unmatched' },
      ]);
      const { cdrs } = await house.db.assurance.report(everything);
      expect(cdrs).toMatchObject({
        total: 4,
        counts: { waiting: 0, matched: 2, unmatched: 1, excluded: 1 },
        unmatched: [cdr('3')],
        files: [{ path: '/var/log/Master.csv', badLines: 1, lastBadLine: 7, lastBadProblem: 'not-csv' }],
      });
      await house.db.cdrs.settle([{ recordId: '3', state: 'matched', callId: 'no-such-call' }]);
      expect((await house.db.cdrs.counts()).unmatched).toBe(1);
      await house.db.calls.remove('near');
      expect((await house.db.cdrs.counts()).matched).toBe(1);
    });

    test('a record is stored whatever its line held: what is refused would be read for ever', async () => {
      const odd = {
        uniqueId: 'u\0',
        groupId: 'g\0',
        caller: '2\0',
        aliases: ['3\0'],
        sipCallIds: ['x\0'],
        talkedMs: 1e15,
      };
      expect(await house.db.cdrs.take({ ...position, header: 'a\0' }, [cdr('odd', odd)])).toBe(1);
      await house.db.cdrs.settle([{ recordId: 'odd', state: 'unmatched', nextCheckAt: null }]);
    });
  });
}
