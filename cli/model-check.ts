import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readWav } from '#lib/audio/wav.ts';
import type { EngineRequest, EngineResult, RecogniserEngine } from '../asr/engines/types.ts';
import { alignWords } from '../asr/text/align.ts';
import { normaliseWords } from '../asr/text/normalise.ts';
import { readDemoScript } from '../demo/script.ts';

/** What a model can do, by what it did with the synthetic call of `sidetone demo`. */
export interface ModelCheck {
  readonly name: string;
  readonly language: string;
  /** What it gives of its own; the rest is worked out. */
  readonly gives: { readonly times: boolean; readonly confidence: boolean };
  readonly turns: number;
  readonly words: number;
  /** Percent, of two synthetic English voices: it tells whether a model works, not how well it does. */
  readonly wordErrorRate: number;
  /** Mean over all words. */
  readonly confidence: number;
  /** Words that it put to three seconds of silence. */
  readonly inventedWords: number;
  /** CPU seconds for a second of speech on this machine, by one thread. */
  readonly cpuPerSecond: number;
  readonly loadMs: number;
  /** Resident memory that came with the model and its first use. */
  readonly memoryMb: number;
}

const demoDir = join(import.meta.dirname, '../demo');
const marginMs = 150;
const samplesPerMs = 8;
const timesSchema = z.array(z.object({ side: z.enum(['caller', 'callee']), startMs: z.number(), endMs: z.number() }));

interface Turn {
  readonly pcm: Int16Array;
  readonly text: string;
}

/** `load` loads the model: the time and the memory of that are part of what is told. */
export async function checkModel(load: () => Promise<RecogniserEngine>): Promise<ModelCheck> {
  const turns = await demoTurns();
  const rssBefore = process.memoryUsage.rss();
  const startMs = performance.now();
  const engine = await load();
  const loadMs = performance.now() - startMs;
  try {
    const cpuBefore = process.cpuUsage();
    const results: EngineResult[] = [];
    for (const { pcm } of turns) results.push(...(await engine.recognise([asked(pcm)])));
    const { user, system } = process.cpuUsage(cpuBefore);
    const memoryMb = (process.memoryUsage.rss() - rssBefore) / 1e6;
    const [silence] = await engine.recognise([asked(new Int16Array(24_000))]);
    const reference = turns.flatMap(({ text }) => normaliseWords(text));
    const heard = results.flatMap(({ text }) => normaliseWords(text));
    const { substitutions, deletions, insertions } = alignWords(reference, heard);
    const all = results.flatMap((result) => result.words);
    return {
      name: engine.name,
      language: engine.language,
      gives: { times: engine.abilities.times, confidence: engine.abilities.confidence },
      turns: turns.length,
      words: reference.length,
      wordErrorRate: (100 * (substitutions + deletions + insertions)) / reference.length,
      confidence: all.reduce((sum, word) => sum + word.confidence, 0) / Math.max(1, all.length),
      inventedWords: silence?.words.length ?? 0,
      cpuPerSecond: (user + system) / 1e6 / turns.reduce((sum, { pcm }) => sum + pcm.length / 8000, 0),
      loadMs,
      memoryMb,
    };
  } finally {
    await engine.close();
  }
}

function asked(pcm: Int16Array): EngineRequest {
  return { pcm, speechSeen: true, purpose: 'final' };
}

/** Turns without card numbers: how those are written is another matter than whether a model works. */
async function demoTurns(): Promise<Turn[]> {
  const script = readDemoScript(await readFile(join(demoDir, 'script.json'), 'utf8'));
  const times = timesSchema.parse(JSON.parse(await readFile(join(demoDir, 'script.times.json'), 'utf8')));
  const sounds = {
    caller: (await readWav(join(demoDir, 'caller.wav'))).channels[0] ?? new Int16Array(0),
    callee: (await readWav(join(demoDir, 'callee.wav'))).channels[0] ?? new Int16Array(0),
  };
  return script.turns.flatMap(({ text, side, secret }, index) => {
    const time = times[index];
    if (secret !== undefined || time === undefined) return [];
    const pcm = sounds[side].slice((time.startMs - marginMs) * samplesPerMs, (time.endMs + marginMs) * samplesPerMs);
    return [{ pcm, text }];
  });
}
