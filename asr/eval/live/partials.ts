import type { RecogniserEngine } from '../../engines/types.ts';
import { loadSileroVad } from '../../vad/silero.ts';
import { audioOf, writeScripts } from './scripts.ts';
import { simulate } from './simulate.ts';
import { Watcher, type LiveReport } from './watcher.ts';

export interface PartialsOptions {
  readonly calls: number;
  readonly seconds: number;
  readonly seed: number;
}

/** As people speak on a call with two sides. */
const talk = 0.45;

/**
 * Two-party calls made of the corpora in a folder (scripts.ts), all at once through one recogniser process on a clock of
 * CPU time (simulate.ts): the figures do not depend on what else the machine does. Throws `bad-request`.
 */
export async function evaluatePartials(
  folder: string,
  engine: RecogniserEngine,
  options: PartialsOptions,
): Promise<LiveReport & { readonly cpuS: number }> {
  const scripts = await writeScripts({ corpus: folder, talk, ...options });
  const watcher = new Watcher(scripts);
  const calls = new Map(
    Array.from({ length: options.calls }, (_, number) => [`call-${number}`, audioOf(scripts, `call-${number}`)]),
  );
  const parts = { vad: await loadSileroVad(), engine, slowness: 1 };
  const { cpuS } = await simulate(calls, parts, (event, atMs) => watcher.see(event, atMs));
  return { ...watcher.report(), cpuS };
}
