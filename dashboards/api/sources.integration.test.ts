import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleRow, refundCall } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';
import type { StreamReport } from '#media/types.ts';
import type { SourceState } from '#sip/types.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
const liveId = '01938f3e-6b7c-7c2a-9d31-000000000090';
const at = Date.parse('2026-11-25T09:00:00Z');
const report: StreamReport = {
  packets: 990,
  lostPackets: 10,
  duplicatePackets: 0,
  latePackets: 0,
  malformedPackets: 0,
  strangerPackets: 0,
  filledSamples: 1600,
  droppedSamples: 0,
  firstSample: 0,
  endSample: 160_000,
  quietSamples: 0,
  gaps: 0,
  jitterMeanMs: 3,
  jitterMaxMs: 11,
  farLossFraction: null,
  roundTripMs: null,
  mos: 4.1,
};
const trunk: SourceState = {
  source: 'b2bua',
  sourceName: 'head-office',
  firstSeenEpochMs: at,
  lastSeenEpochMs: at + 60_000,
  addresses: ['192.0.2.10:5060'],
  callsNow: 1,
  calls: 7,
  refused: [{ reason: 'no-codec', remedy: 'Offer G.711.', count: 2, lastEpochMs: at + 1000 }],
  remarks: [
    {
      reason: 'metadata-missing',
      remedy: 'Have the recorder client send its metadata.',
      count: 3,
      lastEpochMs: at + 2000,
      lastCallId: callId,
    },
  ],
  ladder: [
    {
      atEpochMs: at,
      direction: 'received',
      peer: '192.0.2.10:5060',
      transport: 'udp',
      summary: 'INVITE',
      text: 'INVITE',
    },
  ],
  lastCallId: callId,
};
let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse({ config: { advertiseAddress: '198.51.100.7' } });
  const { call, ...rest } = refundCall(callId, at);
  await house.store({ ...rest, call: { ...call, streams: { caller: report, callee: { ...report, mos: null } } } });
  house.live.tell({ type: 'call', call: exampleRow(liveId, at, { state: 'active' }) });
  house.sources.states = [
    trunk,
    { ...trunk, source: 'siprec', sourceName: 'sbc', refused: [], lastCallId: liveId },
    { ...trunk, source: 'websocket', sourceName: '192.0.2.99', lastCallId: callId.replace(/1$/, '8'), ladder: [] },
    { ...trunk, source: 'ingest', sourceName: 'maria', lastCallId: null },
  ];
});
afterAll(() => house.close());

test('each source with its refusals, its ladder and the quality of its last call; the address that is offered', async () => {
  const answer = await house.ask('/api/v1/sources', 'admin');
  expect(answer.status).toBe(200);
  const { items, ...rest } = (await answer.json()) as { items: unknown[] };
  expect(rest).toEqual({
    since: '2026-11-25T08:00:00.000Z',
    offered: { address: '198.51.100.7', chosenBy: 'advertise-address' },
    bindings: house.control.bindings,
    next: null,
  });
  const quality = { packets: 990, lostFraction: 0.01, jitterMeanMs: 3, jitterMaxMs: 11, mos: 4.1 };
  expect(items).toMatchObject([
    {
      source: 'b2bua',
      sourceName: 'head-office',
      lastSeenAt: '2026-11-25T09:01:00.000Z',
      calls: 7,
      refused: [{ reason: 'no-codec', remedy: 'Offer G.711.', count: 2, lastAt: '2026-11-25T09:00:01.000Z' }],
      remarks: [
        {
          reason: 'metadata-missing',
          remedy: 'Have the recorder client send its metadata.',
          count: 3,
          lastAt: '2026-11-25T09:00:02.000Z',
          lastCallId: callId,
        },
      ],
      ladder: [{ at: '2026-11-25T09:00:00.000Z', summary: 'INVITE' }],
      lastCall: { callId, live: false, legs: { caller: quality, callee: { ...quality, mos: null } } },
    },
    { sourceName: 'sbc', lastCall: { callId: liveId, live: true, legs: null } },
    { sourceName: '192.0.2.99', lastCall: null },
    { sourceName: 'maria', lastCall: null },
  ]);
});

test('who looks at them is on record, and must be an admin', async () => {
  expect((await house.ask('/api/v1/sources?limit=1', 'reader')).status).toBe(403);
  const { items } = (await (await house.ask('/api/v1/sources?limit=1', 'admin')).json()) as { items: unknown[] };
  expect(items).toHaveLength(1);
  const rows = (await house.database.audit.list({ limit: 2 })).items.map(({ entry }) => entry?.action);
  expect(rows).toEqual(['sources-listed', 'request-refused']);
});
