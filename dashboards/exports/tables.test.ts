import { expect, test } from 'vitest';
import type { StreamReport } from '#media/types.ts';
import { exampleRow } from '#test/dashboards/example-call.ts';
import { tables } from './tables.ts';

const third = {
  partyId: 'p3',
  side: 'other',
  uri: null,
  displayName: 'Anna',
  role: 'unknown',
  joinedMs: 9000,
  leftMs: null,
} as const;
const report = { packets: 900, lostPackets: 9, jitterMeanMs: 2, jitterMaxMs: 8, mos: 4.2, gaps: 1, endSample: 80_000 };
const plain = exampleRow('c', 0);
const call = exampleRow('c', 0, {
  parties: [...plain.parties, third],
  sidesSwapped: true,
  pauses: [
    { fromMs: 1000, toMs: 3000, by: 'maria' },
    { fromMs: 9000, toMs: null, by: 'siprec' },
  ],
  streams: { caller: report as StreamReport },
  completeness: 'partial',
  assurance: {
    verdict: 'partial',
    reason: 'stream-never-came',
    streams: [
      { side: 'caller', expectedMs: 9000, heardMs: 8900, silentMs: 0, verdict: 'complete', reason: 'all-there' },
      { side: 'callee', expectedMs: 9000, heardMs: 0, silentMs: 0, verdict: 'missing', reason: 'stream-never-came' },
    ],
  },
});
const detail = { call, metrics: null, findings: [], redactions: [], recording: null };

/** Rows of a table, each by its columns. */
function rowsOf(file: string): Readonly<Record<string, unknown>>[] {
  const table = tables.find((each) => each.file === file);
  const rows = table?.rows({ detail, utterances: [] }) ?? [];
  return rows.map((row) =>
    Object.fromEntries(row.map((cell, at): [string, unknown] => [table?.columns[at] ?? '', cell])),
  );
}

test('columns of calls.csv stand where they always stood; those of more than two sides come after them', () => {
  const columns = tables.find(({ file }) => file === 'calls.csv')?.columns ?? [];
  expect(columns.slice(0, 15).join(' ')).toBe(
    'call_id state source started_at answered_at ended_at duration_ms caller callee result reason sip_status record ' +
      'completeness notes',
  );
  expect(rowsOf('calls.csv')).toMatchObject([
    {
      caller: 'sip:+15550142@192.0.2.10',
      callee: 'sip:2001@192.0.2.20',
      source_name: 'head-office',
      others: 'Anna',
      completeness_reason: 'stream-never-came',
      sides_swapped: true,
      pauses: 2,
      // The second was open when the last stream ended, at 10 s.
      paused_ms: 3000,
    },
  ]);
});

test('streams.csv has a row for each stream that came or was to come', () => {
  expect(rowsOf('streams.csv')).toEqual([
    expect.objectContaining({ side: 'caller', packets: 900, mos: 4.2, heard_ms: 8900, verdict: 'complete' }),
    expect.objectContaining({ side: 'callee', packets: null, heard_ms: 0, reason: 'stream-never-came' }),
  ]);
});
