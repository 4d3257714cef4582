import { seededRandom } from '#lib/testing/random.ts';
import type { TalkSide } from '#sip/types.ts';
import { SidetoneError } from '#lib/errors.ts';
import { readCorpora, readTelephoneAudio, type Utterance } from '../utterances.ts';

/** What one channel says, and when. */
export interface Script {
  readonly pcm: Int16Array;
  readonly said: readonly string[];
  readonly clips: readonly { readonly startMs: number; readonly endMs: number }[];
}

export interface ScriptOptions {
  /** A folder of corpora (utterances.ts); each utterance is used once. */
  readonly corpus: string;
  readonly calls: number;
  readonly seconds: number;
  /** Share of the time that a channel speaks. */
  readonly talk: number;
  readonly seed: number;
}

/** Loudest sample of the noise on a line on which nobody speaks. */
const lineNoise = 8;

/**
 * Two-party calls: on each channel readings with pauses of changing length between them, after a random start, over a
 * quiet line. Keys: `CALL:SIDE`. Throws `bad-request` when there are too few utterances.
 */
export async function writeScripts(options: ScriptOptions): Promise<Map<string, Script>> {
  const random = seededRandom(options.seed);
  const corpora = await readCorpora(options.corpus);
  const rows = shuffled(
    corpora.flatMap(({ utterances }) => utterances),
    random,
  );
  const scripts = new Map<string, Script>();
  for (let call = 0; call < options.calls; call += 1) {
    for (const side of ['caller', 'callee'] as const) {
      scripts.set(`call-${call}:${side}`, await writeScript(rows, options, random));
    }
  }
  return scripts;
}

/** Takes its utterances from the end of `rows`. */
async function writeScript(rows: Utterance[], { seconds, talk }: ScriptOptions, random: () => number): Promise<Script> {
  const pcm = Int16Array.from({ length: seconds * 8000 }, () => Math.round((random() - 0.5) * 2 * lineNoise));
  const said: string[] = [];
  const clips: { startMs: number; endMs: number }[] = [];
  let at = Math.floor(random() * 8 * 8000);
  for (;;) {
    const row = rows.pop();
    if (row === undefined) throw new SidetoneError('bad-request', 'the corpus is too small for so many calls');
    const clip = await readTelephoneAudio(row.path);
    if (at + clip.length > pcm.length - 4000) return { pcm, said, clips };
    pcm.set(clip, at);
    said.push(...row.text.split(' '));
    clips.push({ startMs: at / 8, endMs: (at + clip.length) / 8 });
    at += Math.floor(clip.length * (1 + ((1 - talk) / talk) * (0.6 + 0.8 * random())));
  }
}

export function audioOf(scripts: ReadonlyMap<string, Script>, callId: string): Record<TalkSide, Int16Array> {
  const pcm = (side: TalkSide): Int16Array => scripts.get(`${callId}:${side}`)?.pcm ?? new Int16Array(0);
  return { caller: pcm('caller'), callee: pcm('callee') };
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
