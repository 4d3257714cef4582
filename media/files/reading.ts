import { basename } from 'node:path';
import { SidetoneError } from '#lib/errors.ts';
import type { CaptureContents, CapturedCall } from '#sip/types.ts';
import type { IngestUpload } from '../types.ts';
import { contentHash, isCapture } from './content.ts';
import { sidesOf } from './play-sound.ts';
import type { SoundThread } from './sound/sound-thread.ts';

export type ReadCapture = (path: string) => Promise<CaptureContents>;

/** What was handed in, read through. */
export type Contents =
  | {
      readonly kind: 'sound';
      readonly paths: readonly string[];
      readonly sides: ReturnType<typeof sidesOf>;
      readonly durationMs: number;
    }
  | { readonly kind: 'capture'; readonly calls: readonly CapturedCall[]; readonly durationMs: number };

export class FileReading {
  readonly #sound: SoundThread;
  readonly #readCapture: ReadCapture;

  constructor(sound: SoundThread, readCapture: ReadCapture) {
    this.#sound = sound;
    this.#readCapture = readCapture;
  }

  async hash(paths: readonly string[]): Promise<string> {
    const hashes: string[] = [];
    for (const path of paths) hashes.push(await this.#sound.hash(path));
    return contentHash(hashes);
  }

  /** @throws SidetoneError `unsupported-audio` with the place of the fault, `bad-request` */
  async contents(paths: readonly string[], swap: boolean): Promise<Contents> {
    const [first] = paths;
    if (first === undefined || paths.length > 2) throw new SidetoneError('bad-request', 'one file, or a pair of two');
    if (await isCapture(first)) {
      if (paths.length > 1) throw new SidetoneError('bad-request', 'a capture is no half of a pair');
      return this.#captured(first);
    }
    let durationMs = 0;
    let channels = 0;
    for (const path of paths) {
      const survey = await this.#sound.survey(path);
      durationMs = Math.max(durationMs, survey.durationMs);
      channels += survey.channels;
      if (paths.length > 1 && survey.channels > 1) {
        throw new SidetoneError('bad-request', 'a pair is two files of one channel each: one of these has two');
      }
    }
    return { kind: 'sound', paths, sides: sidesOf(channels, swap), durationMs };
  }

  async #captured(path: string): Promise<Contents> {
    const { calls } = await this.#readCapture(path);
    if (calls.length === 0)
      throw new SidetoneError('unsupported-audio', 'a capture without a call (no SIP, no pair of G.711 streams)');
    const durationMs = calls.reduce((sum, { startedEpochMs, endedEpochMs }) => sum + endedEpochMs - startedEpochMs, 0);
    return { kind: 'capture', calls, durationMs: Math.round(durationMs) };
  }
}

/** @throws SidetoneError `bad-request` when a path lies elsewhere than in the spool */
export function spooledNames({ files }: IngestUpload, spoolDir: string, join: (name: string) => string): string[] {
  return files.map(({ path }) => {
    const name = basename(path);
    if (join(name) !== path) throw new SidetoneError('bad-request', `uploads lie in ${spoolDir}`);
    return name;
  });
}
