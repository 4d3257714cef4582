import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readWav } from '#lib/audio/wav.ts';
import { configSchema } from '#lib/config/schema.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { talkSides, type TalkSide } from '#sip/types.ts';
import { startRecogniser } from '../asr/recogniser.ts';
import { FeedSource } from '../asr/testing/feed-source.ts';
import { repository } from '../test/server.ts';

/**
 * Forked by bench/media-relay.ts: recognition as the server runs it, given more calls than it keeps up with, so that
 * every one of its processes works all the time. Says `busy` when they do, and ends with its parent.
 */
const callsPerProcess = 24;
const workDir = await mkdtemp(join(tmpdir(), 'sidetone-busy-'));
const feed = new FeedSource();
const recogniser = await startRecogniser({
  config: configSchema.parse({}),
  feed,
  runtimeDir: workDir,
  cacheDir: join(workDir, 'cache'),
  logger: silentLogger,
  metrics: createMetrics(),
});
process.once('disconnect', () => void end());
while (!recogniser.status().ready) await delay(100);
const [caller, callee] = await Promise.all([speechOf('caller'), speechOf('callee')]);
for (let call = 0; call < callsPerProcess * recogniser.status().processes; call++) {
  feed.add(`busy-${call}`, { caller, callee });
  recogniser.open(`busy-${call}`, talkSides);
}
await delay(5000);
process.send?.('busy');

async function speechOf(side: TalkSide): Promise<Int16Array> {
  const [channel] = (await readWav(join(repository, 'demo', `${side}.wav`))).channels;
  if (channel === undefined) throw new Error('no sound');
  return channel;
}

async function end(): Promise<void> {
  await recogniser.close();
  feed.close();
  await rm(workDir, { recursive: true, force: true });
  process.exit(0);
}
