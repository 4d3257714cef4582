import { open, readFile, type FileHandle } from 'node:fs/promises';
import { systemCode } from '#lib/errors.ts';
import { SilenceRanges } from '../timeline/silence-ranges.ts';
import type { SampleRange } from '../types.ts';

/** What a recording knows of itself beyond its samples. */
export interface RecordingStory {
  readonly silenced: readonly SampleRange[];
  readonly unredacted: readonly SampleRange[];
  readonly failure: string | null;
}
export type RangesToNote = Pick<RecordingStory, 'silenced' | 'unredacted'>;

/** The story of a recording that is not closed yet, beside it; gone once the peaks hold it. */
export function storyPathOf(path: string): string {
  return path.replace(/\.wav$/, '.story');
}

/**
 * Keeps the story of a growing recording where a kill cannot take it: one line a range, `silenced 800 1600`, appended
 * before the samples it speaks of. Ranges may touch and may reach past what was then written.
 */
export class StoryFile {
  readonly #path: string;
  #file: FileHandle | undefined;

  /** `path`: of the recording. */
  constructor(path: string) {
    this.#path = storyPathOf(path);
  }

  async note({ silenced, unredacted }: RangesToNote): Promise<void> {
    const lines = [
      ...silenced.map((range) => line('silenced', range)),
      ...unredacted.map((range) => line('unredacted', range)),
    ];
    if (lines.length === 0) return;
    this.#file ??= await open(this.#path, 'a', 0o600);
    await this.#file.appendFile(lines.join(''));
  }

  async datasync(): Promise<void> {
    await this.#file?.datasync();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

/**
 * What was noted beside an unfinished recording, given by its absolute path; empty where nothing was. A last line that
 * is cut short is left out.
 */
export async function readNotedStory(path: string): Promise<RangesToNote> {
  const silenced = new SilenceRanges();
  const unredacted = new SilenceRanges();
  for (const [, kind, start, end] of (await textOf(storyPathOf(path))).matchAll(
    /^(silenced|unredacted) (\d+) (\d+)\n/gm,
  )) {
    (kind === 'silenced' ? silenced : unredacted).add(Number(start), Number(end));
  }
  return { silenced: silenced.list, unredacted: unredacted.list };
}

function line(kind: keyof RangesToNote, { startSample, endSample }: SampleRange): string {
  return `${kind} ${startSample} ${endSample}\n`;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return '';
    throw thrown;
  }
}
