import { readFile, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SidetoneError } from '#lib/errors.ts';
import { seededRandom } from '#lib/testing/random.ts';
import type { LabelledTurn } from './der-score.ts';
import { readTelephoneAudio } from './utterances.ts';
import { readVoices, type VoiceFile } from './eer-voices.ts';

export interface Recording {
  readonly name: string;
  /** 8 kHz, as a telephone hears it. */
  readonly pcm: Int16Array;
  readonly turns: readonly LabelledTurn[];
}

const most = 40;
const dialogueFilesEach = 3;

/**
 * The recordings of a folder whose speakers are known: by its .rttm files and the sound of the same name beside them; or,
 * where it has none but a manifest that names speakers, conversations of two of them made here, the same each time.
 * Throws `bad-request` when there is neither.
 */
export async function* readRecordings(folder: string): AsyncGenerator<Recording> {
  const rttm = (await readdir(folder)).filter((name) => name.endsWith('.rttm')).toSorted();
  if (rttm.length > 0) {
    for (const name of rttm) yield* ofRttm(folder, await readFile(join(folder, name), 'utf8'));
    return;
  }
  const voices = await readVoices(folder);
  if (voices.size < 2) throw new SidetoneError('bad-request', `${folder} has neither .rttm files nor speakers to mix`);
  yield* dialogues(basename(folder), voices);
}

async function* ofRttm(folder: string, content: string): AsyncGenerator<Recording> {
  const turns = new Map<string, LabelledTurn[]>();
  for (const line of content.split('\n')) {
    const [type, name = '', , start, length, , , speaker = ''] = line.trim().split(/\s+/);
    if (type !== 'SPEAKER') continue;
    const list = turns.get(name) ?? [];
    turns.set(name, list);
    list.push({ startS: Number(start), endS: Number(start) + Number(length), speaker });
  }
  for (const [name, list] of turns) {
    const path = ['.opus', '.wav'].map((ending) => join(folder, name + ending)).find((each) => existsSync(each));
    if (path !== undefined) yield { name, pcm: await readTelephoneAudio(path), turns: list };
  }
}

/** Two speakers take turns of 1 to 6 s, with pauses up to a second, and now and then one begins before the other ends. */
async function* dialogues(name: string, voices: ReadonlyMap<string, readonly VoiceFile[]>): AsyncGenerator<Recording> {
  const random = seededRandom(1109);
  const speakers = [...voices.keys()].toSorted();
  for (let i = speakers.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [speakers[i], speakers[other]] = [speakers[other] ?? '', speakers[i] ?? ''];
  }
  const pairs = Math.min(most, Math.floor(speakers.length / 2));
  for (let pair = 0; pair < pairs; pair++) {
    const both = [speakers[2 * pair] ?? '', speakers[2 * pair + 1] ?? ''];
    const spoken: Int16Array[][] = [];
    for (const speaker of both) {
      const recordings: Int16Array[] = [];
      for (const { path } of (voices.get(speaker) ?? []).slice(0, dialogueFilesEach)) {
        recordings.push(await readTelephoneAudio(path));
      }
      spoken.push(piecesOf(recordings, random));
    }
    yield dialogue(`${name}-${both.join('-')}`, both, spoken, random);
  }
}

/** One recording each of two speakers, as a conversation of both. */
export function conversation(name: string, voices: readonly [string, Int16Array][], random: () => number): Recording {
  const pieces = voices.map(([, pcm]) => piecesOf([pcm], random));
  return dialogue(
    name,
    voices.map(([speaker]) => speaker),
    pieces,
    random,
  );
}

function piecesOf(recordings: readonly Int16Array[], random: () => number): Int16Array[] {
  const pieces: Int16Array[] = [];
  for (const pcm of recordings) {
    for (let at = 0; at < pcm.length - 4000;) {
      const end = Math.min(pcm.length, at + Math.round(8000 * (1 + 5 * random())));
      pieces.push(pcm.subarray(at, end));
      at = end;
    }
  }
  return pieces;
}

function dialogue(
  name: string,
  speakers: readonly string[],
  spoken: readonly (readonly Int16Array[])[],
  random: () => number,
): Recording {
  const rounds = Math.min(...spoken.map((pieces) => pieces.length));
  const placed: { readonly at: number; readonly piece: Int16Array; readonly speaker: string }[] = [];
  let at = 4000;
  for (let turn = 0; turn < 2 * rounds; turn++) {
    const piece = spoken[turn % 2]?.[Math.floor(turn / 2)] ?? new Int16Array(0);
    placed.push({ at, piece, speaker: speakers[turn % 2] ?? '' });
    at += piece.length + Math.round(8000 * (random() < 0.15 ? -0.5 * random() : random()));
  }
  const pcm = new Int16Array(Math.max(...placed.map((each) => each.at + each.piece.length)) + 4000);
  for (const { at: start, piece } of placed) {
    piece.forEach((sample, i) => {
      pcm[start + i] = Math.max(-32_768, Math.min(32_767, (pcm[start + i] ?? 0) + sample));
    });
  }
  const turns = placed.flatMap(({ at: start, piece, speaker }) =>
    loudStretches(piece).map(([from, to]) => ({ startS: (start + from) / 8000, endS: (start + to) / 8000, speaker })),
  );
  return { name, pcm, turns };
}

/** Where a clean piece is within 30 dB of its loudest 20 ms, shorter pauses than 0.3 s bridged: `[from, to)` in samples. */
function loudStretches(pcm: Int16Array): [number, number][] {
  const frame = 160;
  const powers = Array.from({ length: Math.floor(pcm.length / frame) }, (_, i) =>
    pcm.subarray(i * frame, (i + 1) * frame).reduce((sum, sample) => sum + sample * sample, 0),
  );
  const least = Math.max(...powers) / 1000;
  const stretches: [number, number][] = [];
  powers.forEach((power, i) => {
    if (power < least) return;
    const last = stretches.at(-1);
    if (last !== undefined && i * frame - last[1] <= 2400) last[1] = (i + 1) * frame;
    else stretches.push([i * frame, (i + 1) * frame]);
  });
  return stretches.filter(([from, to]) => to - from >= 800);
}
