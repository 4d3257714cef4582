import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { Refused, refusalReasons, StreamRefusals, type StreamOrigin } from './refusals.ts';
import { createStreamMetrics } from './stream-metrics.ts';

const origin: StreamOrigin = { source: 'audiosocket', sourceName: 'pbx', address: '192.0.2.5:40000' };

test('every refusal is counted and told, and logged once a minute for each sender and reason', async () => {
  const lines: Record<string, unknown>[] = [];
  const told: string[] = [];
  const metrics = createMetrics();
  let nowMs = 0;
  const refusals = new StreamRefusals({
    sources: { seen: () => undefined, refused: (_source, _address, { reason }) => told.push(reason) },
    logger: createLogger('info', 'test', {
      write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    }),
    metrics: createStreamMetrics(metrics),
    clock: { nowMs: () => nowMs, nowEpochMs: () => nowMs },
  });
  for (const reason of ['side-taken', 'side-taken', 'uuid-missing'] as const)
    refusals.refuse(origin, new Refused(reason));
  refusals.refuse({ ...origin, sourceName: 'another' }, new Refused('side-taken'));
  nowMs = 59_999;
  refusals.refuse({ ...origin, address: '192.0.2.5:40001' }, new Refused('side-taken'));
  expect(lines).toHaveLength(3);
  nowMs = 60_000;
  refusals.refuse(origin, new Refused('side-taken'));
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatchObject({
    msg: 'stream refused',
    sourceName: 'pbx',
    reason: 'side-taken',
    remedy: expect.stringContaining('another side') as string,
  });
  expect(told).toHaveLength(6);
  expect(await metrics.render()).toContain(
    'sidetone_streams_refusals_total{source="audiosocket",reason="side-taken"} 5',
  );
});

test('each reason is explained to whoever runs the sender', () => {
  const page = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs/pbx', name), 'utf8');
  const pages = page('asterisk.md') + page('streams.md');
  expect(refusalReasons.filter((reason) => !pages.includes(`\`${reason}\``))).toEqual([]);
});
