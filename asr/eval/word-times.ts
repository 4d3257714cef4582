import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecogniserEngine } from '../engines/types.ts';
import { alignWords } from '../text/align.ts';
import { normaliseWords } from '../text/normalise.ts';
import { readTelephoneAudio } from './utterances.ts';

export interface TimeErrors {
  /** Words that were recognised and could be matched. */
  readonly words: number;
  readonly startMs: Spread;
  readonly endMs: Spread;
}
export interface Spread {
  /** Of the absolute errors. */
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  /** Of the signed errors: above 0 is late. */
  readonly bias: number;
}

interface TimedWord {
  readonly word: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Word times of an engine against a folder's `alignment.txt`: a line `ID "WORD,,WORD" "END,END,END"` for each `ID.opus` or
 * `ID.wav`, where an empty word is silence and ends are in seconds. Lines without such a file are left out.
 */
export async function evaluateTimes(folder: string, engine: RecogniserEngine): Promise<TimeErrors> {
  const starts: number[] = [];
  const ends: number[] = [];
  for (const line of (await readFile(join(folder, 'alignment.txt'), 'utf8')).split('\n')) {
    const [, id, words, times] = /^(\S+) "([^"]*)" "([^"]*)"/.exec(line) ?? [];
    if (id === undefined || words === undefined || times === undefined) continue;
    const pcm = await soundOf(folder, id);
    if (pcm === undefined) continue;
    const [result] = await engine.recognise([{ pcm, speechSeen: true, purpose: 'final' }]);
    const reference = referenceWords(words.split(','), times.split(',').map(Number));
    const heard = (result?.words ?? []).map(({ text, startSample, endSample }): TimedWord => ({
      word: normaliseWords(text).join(''),
      startMs: startSample / 8,
      endMs: endSample / 8,
    }));
    let [atReference, atHeard] = [0, 0];
    const { pairs } = alignWords(
      reference.map(({ word }) => word),
      heard.map(({ word }) => word),
    );
    for (const pair of pairs) {
      const said = pair.reference === undefined ? undefined : reference[atReference++];
      const timed = pair.heard === undefined ? undefined : heard[atHeard++];
      if (said === undefined || said.word !== timed?.word) continue;
      starts.push(timed.startMs - said.startMs);
      ends.push(timed.endMs - said.endMs);
    }
  }
  return { words: starts.length, startMs: spreadOf(starts), endMs: spreadOf(ends) };
}

async function soundOf(folder: string, id: string): Promise<Int16Array | undefined> {
  const path = [`${id}.opus`, `${id}.wav`].map((name) => join(folder, name)).find((each) => existsSync(each));
  return path === undefined ? undefined : readTelephoneAudio(path);
}

function referenceWords(words: readonly string[], endsSeconds: readonly number[]): TimedWord[] {
  return words.flatMap((word, index) =>
    word === ''
      ? []
      : [
          {
            word: normaliseWords(word).join(''),
            startMs: 1000 * (endsSeconds[index - 1] ?? 0),
            endMs: 1000 * (endsSeconds[index] ?? 0),
          },
        ],
  );
}

function spreadOf(errors: readonly number[]): Spread {
  const sizes = errors.map(Math.abs).toSorted((a, b) => a - b);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    mean: sum(sizes) / errors.length,
    median: sizes[Math.floor(sizes.length / 2)] ?? Number.NaN,
    p90: sizes[Math.floor(sizes.length * 0.9)] ?? Number.NaN,
    bias: sum(errors) / errors.length,
  };
}
