import { afterAll, beforeAll, expect, test } from 'vitest';
import { refundCall } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';
import { assuranceReport } from './schemas/assurance.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse({ config: { assurance: { targetShare: 0.9 } } });
  const example = refundCall(callId, Date.parse('2026-11-20T23:30:00Z'));
  await house.store(example);
  const assurance = { verdict: 'partial', reason: 'stream-gaps', streams: [] } as const;
  const call = { ...example.call, completeness: 'partial', assurance, source: 'siprec', sourceName: 'sbc' } as const;
  house.database.store.write({ op: 'call', call });
  await house.database.flush();
  const at = '2026-11-20T10:00:00.000Z';
  const file = { path: '/cdr.csv', sourceName: 'pbx', headBytes: 1, headSha256: '00', offsetBytes: 1, lines: 1 };
  await house.database.cdrs.take(
    { ...file, header: null, badLines: 0, lastBadLine: null, lastBadProblem: null, firstSeenAt: at, readAt: at },
    [
      {
        recordId: 'r1',
        sourceName: 'pbx',
        uniqueId: '1764.7',
        groupId: null,
        startedAt: at,
        answeredAt: at,
        endedAt: at,
        talkedMs: 5000,
        caller: '030123456',
        callee: '204',
        aliases: ['PJSIP/trunk'],
        sipCallIds: [],
        excluded: null,
      },
    ],
  );
  await house.database.cdrs.settle([{ recordId: 'r1', state: 'unmatched', nextCheckAt: null }]);
});
afterAll(() => house.close());

const period = 'from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z';

test('the report says what is missing, against the target, as its schema has it', async () => {
  const answer = await house.ask(`/api/v1/assurance?${period}&timeZone=Asia/Tokyo`, 'reader');
  expect(answer.status).toBe(200);
  const report = assuranceReport.parse(await answer.json());
  expect(report).toMatchObject({
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
    timeZone: 'Asia/Tokyo',
    targetShare: 0.9,
    calls: 1,
    share: 0,
    sources: [
      {
        source: 'siprec',
        sourceName: 'sbc',
        days: [{ day: '2026-11-21', calls: 1, partial: 1, share: 0 }],
        reasons: [{ verdict: 'partial', reason: 'stream-gaps', count: 1 }],
      },
    ],
    flagged: { items: [{ callId, verdict: 'partial', reason: 'stream-gaps' }], next: null },
    cdrs: { total: 1, matched: 0, unmatched: 1, waiting: 0, excluded: 0, files: [{ path: '/cdr.csv' }] },
    unmatchedCdrs: [{ recordId: 'r1', caller: '030123456', callee: '204', talkedMs: 5000 }],
  });
});

test('nobody reads it unseen, and a wrong time zone or time is refused', async () => {
  expect((await house.ask('/api/v1/assurance')).status).toBe(401);
  expect((await house.ask('/api/v1/assurance?timeZone=%2B02:00', 'reader')).status).toBe(400);
  expect((await house.ask('/api/v1/assurance?from=yesterday', 'reader')).status).toBe(400);
  const { items } = await house.database.audit.list({ limit: 20, action: 'assurance-read' });
  expect(items.map(({ entry }) => entry?.detail)).toContainEqual(
    expect.objectContaining({ from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' }),
  );
});

test('a report that cannot be put on record is refused', async () => {
  house.auditRefuses = true;
  expect((await house.ask(`/api/v1/assurance?${period}`, 'reader')).status).toBe(503);
  house.auditRefuses = false;
});
