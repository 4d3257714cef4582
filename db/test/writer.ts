import { silentLogger } from '#lib/log.ts';
import { loadConfig } from '#lib/config/load.ts';
import { createMetrics } from '#lib/metrics.ts';
import { openDatabase } from '../database.ts';
import { sampleCall, sampleUtterance } from './samples.ts';

/**
 * Writes utterances of one call without end, telling its parent the number of each once `write` has returned, until it
 * is killed: `node writer.ts DATA_DIR RUNTIME_DIR [DATABASE_URL]`.
 */
const [dataDir = '', runtimeDir = '', databaseUrl] = process.argv.slice(2);
const db = await openDatabase({
  config: loadConfig(undefined, { SIDETONE_DATA_DIR: dataDir, DATABASE_URL: databaseUrl }, dataDir),
  runtimeDir,
  logger: silentLogger,
  metrics: createMetrics(),
  liveCallIds: () => ['killed'],
});
await db.whenReady();
db.store.write({ op: 'call', call: sampleCall('killed') });
for (let number = 0; ; number += 1) {
  db.store.write({
    op: 'utterance',
    utterance: sampleUtterance('killed', `number ${number}`, { utteranceId: `k${number}`, startMs: number * 10 }),
  });
  process.send?.(number);
  if (number % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
