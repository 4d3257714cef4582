import { seededRandom } from '#lib/testing/random.ts';
import { decodeFile, overTheLine, readManifest, shuffled } from './clips.ts';
import type { TalkSide } from '../../sip/types.ts';

/** What one channel says, and when. */
export interface Script {
  readonly pcm: Int16Array;
  readonly said: readonly string[];
  readonly clips: readonly { readonly startMs: number; readonly endMs: number }[];
}

export interface ScriptOptions {
  /** Folder with a manifest.jsonl; only rows with text are used, each once. */
  readonly corpus: string;
  readonly calls: number;
  readonly seconds: number;
  /** Share of the time that a channel speaks. */
  readonly talk: number;
  readonly seed: number;
}

/**
 * Two-party calls: on each channel readings with pauses of changing length between them, after a random start, over a
 * quiet line. Keys: `CALL:SIDE`.
 */
export function writeScripts(options: ScriptOptions): Map<string, Script> {
  const random = seededRandom(options.seed);
  const rows = shuffled(
    readManifest(options.corpus).filter((row) => row.text !== ''),
    random,
  );
  const scripts = new Map<string, Script>();
  const write = (): Script => {
    const pcm = new Int16Array(options.seconds * 8000);
    for (let i = 0; i < pcm.length; i += 1) pcm[i] = Math.round((random() - 0.5) * 16);
    const said: string[] = [];
    const clips: { startMs: number; endMs: number }[] = [];
    let at = Math.floor(random() * 8 * 8000);
    for (;;) {
      const row = rows.pop();
      if (row === undefined) throw new Error('the corpus is too small for so many calls');
      const clip = decodeFile(row.path);
      if (at + clip.length > pcm.length - 4000) break;
      pcm.set(clip, at);
      said.push(...row.text.split(' '));
      clips.push({ startMs: at / 8, endMs: (at + clip.length) / 8 });
      at += Math.floor(clip.length * (1 + ((1 - options.talk) / options.talk) * (0.6 + 0.8 * random())));
    }
    return { pcm: overTheLine(pcm), said, clips };
  };
  for (let call = 0; call < options.calls; call += 1) {
    for (const side of ['caller', 'callee'] as const) scripts.set(`call-${call}:${side}`, write());
  }
  return scripts;
}

export function audioOf(scripts: ReadonlyMap<string, Script>, callId: string): Record<TalkSide, Int16Array> {
  const pcm = (side: TalkSide): Int16Array => scripts.get(`${callId}:${side}`)?.pcm ?? new Int16Array(0);
  return { caller: pcm('caller'), callee: pcm('callee') };
}
