import { expect, test, vi } from 'vitest';
import type { Database } from '#db/types.ts';
import { systemClock } from '#lib/clock.ts';
import { SidetoneError } from '#lib/errors.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { AuditTrail, type TrailEntry } from './audit-trail.ts';
import { LateRows } from './late-rows.ts';

function entry(index: number): TrailEntry {
  return {
    actor: { kind: 'user', id: 'u', name: 'Priya' },
    action: 'live-watched-ended',
    target: null,
    detail: { index },
    address: '127.0.0.1',
    outcome: 'allowed',
    atEpochMs: 1000 + index,
  };
}

/** An audit log whose disk can fill up. */
function diskLog() {
  const log = { isFull: true, rows: [] as number[] };
  const append: Database['audit']['append'] = (row) => {
    if (log.isFull) return Promise.reject(new SidetoneError('audit-write-failed', 'disk full'));
    log.rows.push(row.atEpochMs);
    return Promise.resolve({ sequence: log.rows.length });
  };
  const metrics = createMetrics();
  const trail = new AuditTrail({ audit: { append } } as unknown as Database, systemClock);
  return { log, metrics, lateRows: new LateRows(trail, silentLogger, metrics) };
}
const droppedOf = async (metrics: ReturnType<typeof createMetrics>): Promise<string | undefined> =>
  /^sidetone_http_audit_rows_dropped_total (\d+)$/m.exec(await metrics.render())?.[1];

test('rows wait until they can be written, in order, with the time at which it happened', async () => {
  const { log, metrics, lateRows } = diskLog();
  for (const index of [1, 2, 3]) lateRows.add(entry(index));
  log.isFull = false;
  await vi.waitFor(() => expect(log.rows).toEqual([1001, 1002, 1003]), 5000);
  lateRows.add(entry(4));
  await lateRows.close();
  expect(log.rows).toEqual([1001, 1002, 1003, 1004]);
  expect(await droppedOf(metrics)).toBe('0');
});

test('what finds no room, and what still waits at the end, is counted', async () => {
  const { metrics, lateRows } = diskLog();
  for (let index = 0; index < 1005; index++) lateRows.add(entry(index));
  expect(await droppedOf(metrics)).toBe('5');
  await lateRows.close();
  expect(await droppedOf(metrics)).toBe('1005');
});
