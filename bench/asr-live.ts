import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { AsrEvent } from '../asr/types.ts';
import { loadMoonshine } from '../asr/engines/moonshine/moonshine.ts';
import { startRecogniser } from '../asr/recogniser.ts';
import { FeedSource } from '../asr/testing/feed-source.ts';
import { loadSileroVad } from '../asr/vad/silero.ts';
import { configSchema } from '../lib/config/schema.ts';
import { createLogger } from '../lib/log.ts';
import { createMetrics } from '../lib/metrics.ts';
import { talkSides } from '../sip/types.ts';
import { audioOf, writeScripts } from '../asr/eval/live/scripts.ts';
import { simulate } from '../asr/eval/live/simulate.ts';
import { ComputedCosts } from '../asr/eval/live/costs.ts';
import { Lateness } from '../asr/eval/live/lateness.ts';
import { Watcher } from '../asr/eval/live/watcher.ts';

/**
 * Live calls through the recogniser as the server runs it: forked processes, real sockets, real time. Each channel is
 * readers of a corpus folder, speaking about 45 % of the time after a random start. Prints what a person watching would
 * have seen, as JSON. With `--simulate` the same calls go through one session on a clock of CPU time instead, which
 * takes less than their length and does not depend on what else the machine does. `--kill SECONDS` ends one process by
 * SIGKILL so long after the start, and the media workers' memory is as in the server: what comes late or never then
 * (simulated: the only process, and 2 s until the next one has its model). `--computed`: the clock goes by what runs of
 * the models cost at the least, and not by what they cost now (asr/eval/live/costs.ts).
 */
const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '120' },
    processes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    talk: { type: 'string', default: '0.45' },
    corpus: { type: 'string', default: '../shared/speech/librispeech_resemblyzer' },
    cache: { type: 'string' },
    simulate: { type: 'boolean', default: false },
    slowness: { type: 'string', default: '1' },
    kill: { type: 'string' },
    computed: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
/** What media workers keep of a call (`redaction.memoryS`). */
const memoryS = 120;
/** In a simulation: until the next process has its model. */
const loadMs = 2000;
const calls = Number(options.calls);
const scripts = await writeScripts({
  corpus: options.corpus,
  calls,
  seconds,
  talk: Number(options.talk),
  seed: Number(options.seed),
});
const callIds = Array.from({ length: calls }, (_, number) => `call-${number}`);
const watcher = new Watcher(scripts, options.show ? (line) => console.error(line) : undefined);
const lateness = new Lateness();
const steps = new Map<string, number>();
const workDir = mkdtempSync(join(tmpdir(), 'asr-live-'));
const cacheDir = options.cache ?? join(workDir, 'cache');
const logger = createLogger('warn');
const { cpuS, statusP95Ms } = options.simulate ? await playSimulated() : await playLive();
rmSync(workDir, { recursive: true, force: true });
console.log(
  JSON.stringify(
    {
      calls,
      seconds,
      simulated: options.simulate,
      processes: Number(options.processes),
      finishedSides: watcher.finishedSides,
      ...watcher.report(),
      ...lateness.report(),
      sidesToldOfSteps: Object.fromEntries(steps),
      statusFinalDelayP95Ms: statusP95Ms,
      recogniserCpuPercent: Math.round((100 * cpuS) / seconds),
    },
    null,
    2,
  ),
);

async function playSimulated(): Promise<{ cpuS: number; statusP95Ms: number | null }> {
  const parts = {
    vad: await loadSileroVad(),
    engine: await loadMoonshine({ cacheDir, threads: 1, logger }),
    slowness: Number(options.slowness),
    ...(options.computed ? { costs: new ComputedCosts() } : {}),
    ...(options.kill === undefined ? {} : { kill: { atMs: Number(options.kill) * 1000, deadMs: loadMs } }),
  };
  const played = new Map(callIds.map((callId) => [callId, audioOf(scripts, callId)]));
  const { cpuS: used } = await simulate(played, parts, see);
  return { cpuS: used, statusP95Ms: null };
}

async function playLive(): Promise<{ cpuS: number; statusP95Ms: number | null }> {
  const source = new FeedSource({ memorySamples: memoryS * 8000 });
  const recogniser = await startRecogniser({
    config: configSchema.parse({ asr: { processes: Number(options.processes) } }),
    feed: source,
    runtimeDir: workDir,
    cacheDir,
    logger,
    metrics: createMetrics(),
  });
  const started = new Map<string, number>();
  recogniser.subscribe((event) => see(event, performance.now() - (started.get(event.callId) ?? 0)));
  while (!recogniser.status().ready) await delay(100);
  const cpuBefore = childCpuS();
  for (const callId of callIds) {
    started.set(callId, source.add(callId, audioOf(scripts, callId)));
    recogniser.open(callId, talkSides);
  }
  if (options.kill !== undefined) setTimeout(killOne, Number(options.kill) * 1000);
  const deadlineMs = performance.now() + (seconds + 60) * 1000;
  while (watcher.finishedSides < 2 * calls && performance.now() < deadlineMs) await delay(100);
  const used = childCpuS() - cpuBefore;
  const { finalDelayP95Ms } = recogniser.status();
  await recogniser.close();
  source.close();
  return { cpuS: used, statusP95Ms: finalDelayP95Ms };
}

function see(event: AsrEvent, atMs: number): void {
  watcher.see(event, atMs);
  lateness.see(event, atMs);
  if (event.type === 'degraded') steps.set(event.step, (steps.get(event.step) ?? 0) + 1);
}

function killOne(): void {
  const [pid] = childIds();
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

function childIds(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  return children.filter((id) => id !== '').map(Number);
}

/** CPU seconds of this process's children that are alive. */
function childCpuS(): number {
  return childIds()
    .map((id) => readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [])
    .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) / 100, 0);
}
