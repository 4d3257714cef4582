import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toError } from '#lib/errors.ts';
import { silenceCode } from '#lib/audio/g711.ts';
import { wavHeader, wavHeaderBytes, type WavFormat } from '#lib/audio/wav-format.ts';
import { sampleRateHz, type SampleRange } from '../types.ts';
import { StoryFile, type RangesToNote } from './story.ts';

/** Stereo mu-law: 16 kB a second, played by browsers, and zero is exactly zero in it. */
export const recordingFormat: WavFormat = { encoding: 'pcmu', sampleRateHz, channels: 2 };
export const recordingFrameBytes = 2;

type Step = (file: FileHandle) => Promise<void>;

/**
 * One recording being written: steps run one after another off the thread, the caller never waits. After every append
 * the header is made to match, so that the file can be read whenever the process dies. The first failure (disk full)
 * stops all writing and is told once.
 */
export class RecordingFile {
  readonly #path: string;
  readonly #onFailure: (error: Error) => void;
  readonly #story: StoryFile;
  #file: FileHandle | undefined;
  #tail: Promise<void> = Promise.resolve();
  /** There is no file before the first samples, nor ever for a call without any. */
  #begun = false;
  #failed = false;
  #dataBytes = 0;
  #queuedBytes = 0;

  constructor(path: string, onFailure: (error: Error) => void) {
    this.#path = path;
    this.#story = new StoryFile(path);
    this.#onFailure = onFailure;
  }

  /** Interleaved mu-law and what is to be known of it. The bytes are the file's until `written`. */
  append(bytes: Uint8Array, ranges: RangesToNote, written: () => void): void {
    this.#begun = true;
    this.#queuedBytes += bytes.length;
    this.#enqueue(async (file) => {
      try {
        await this.#story.note(ranges);
        await writeAll(file, bytes, wavHeaderBytes + this.#dataBytes);
        this.#dataBytes += bytes.length;
        await writeAll(file, wavHeader(recordingFormat, this.#dataBytes), 0);
      } catch (thrown) {
        /** A part of it may have found room: the file ends where the header says. */
        await file.truncate(wavHeaderBytes + this.#dataBytes);
        throw thrown;
      } finally {
        this.#queuedBytes -= bytes.length;
        written();
      }
    });
  }

  /** Silences what has been written within the range, both channels; after a kill in between, recovery does it. */
  zero(range: SampleRange): void {
    if (!this.#begun) return;
    this.#enqueue(async (file) => {
      await this.#story.note({ silenced: [range], unredacted: [] });
      await zeroRange(file, range, this.#dataBytes);
    });
  }

  /** Resolves when everything asked so far is on disk; never rejects. */
  async flushed(): Promise<void> {
    if (this.#begun) {
      this.#enqueue(async (file) => {
        await file.datasync();
        await this.#story.datasync();
      });
    }
    await this.#tail;
  }

  /** Everything on disk and the file closed; never rejects. */
  async close(): Promise<void> {
    await this.flushed();
    try {
      await this.#story.close();
      await this.#file?.close();
    } catch (thrown) {
      this.#fail(toError(thrown));
    }
    this.#file = undefined;
  }

  /** Waiting to be written. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }
  /** Whole frames on disk. */
  get samplesWritten(): number {
    return Math.floor(this.#dataBytes / recordingFrameBytes);
  }

  #enqueue(step: Step): void {
    this.#tail = this.#runAfter(this.#tail, step);
  }

  async #runAfter(earlier: Promise<void>, step: Step): Promise<void> {
    await earlier;
    if (this.#failed) return;
    try {
      this.#file ??= await this.#create();
      await step(this.#file);
    } catch (thrown) {
      this.#fail(toError(thrown));
    }
  }

  async #create(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const file = await open(this.#path, 'wx+', 0o600);
    await writeAll(file, wavHeader(recordingFormat, 0), 0);
    return file;
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#queuedBytes = 0;
    this.#onFailure(error);
  }
}

/** Writes mu-law silence over a range of a stereo recording that holds `dataBytes` of samples. */
export async function zeroRange(file: FileHandle, range: SampleRange, dataBytes: number): Promise<void> {
  const from = Math.min(Math.max(0, range.startSample) * recordingFrameBytes, dataBytes);
  const to = Math.min(range.endSample * recordingFrameBytes, dataBytes);
  if (to <= from) return;
  await writeAll(file, Buffer.alloc(to - from, silenceCode.pcmu), wavHeaderBytes + from);
}

/** A write may be short on a full disk; the rest then fails with the reason. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
