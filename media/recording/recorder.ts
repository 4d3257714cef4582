import { systemCode, toError } from '#lib/errors.ts';
import type { PartySide, RecordPolicy } from '#sip/types.ts';
import { encodeTable, silenceCode } from '#lib/audio/g711.ts';
import { blockSamples, type AudioBlock, type AudioMemory } from '../timeline/audio-memory.ts';
import { Pool } from '../timeline/pool.ts';
import { SilenceRanges } from '../timeline/silence-ranges.ts';
import { sampleRateHz, type SampleRange } from '../types.ts';
import { RecordingFile, recordingFrameBytes } from './recording-file.ts';

/** Written about once a second; past the limit a disk that does not keep up counts as failed. */
const chunkSamples = sampleRateHz;
const queueLimitBytes = 16 << 20;
/** Of this thread's calls together: 8 MB. */
const mostSpareChunks = 512;
const spareChunks = new Pool(() => Buffer.allocUnsafeSlow(chunkSamples * recordingFrameBytes), mostSpareChunks);
const inLeft: readonly PartySide[] = ['caller', 'mixed'];
const inRight: readonly PartySide[] = ['callee', 'other', 'mixed'];
/** First chunks are cut short, each elsewhere (golden ratio), so that calls that began together do not write together. */
const chunkSpread = 0.618_034;
let recordersMade = 0;

export interface WrittenRecording {
  /** Of samples on disk; 0 when there is no file. */
  readonly samples: number;
  readonly silenced: readonly SampleRange[];
  readonly unredacted: readonly SampleRange[];
  readonly failure: string | null;
}

/**
 * Writes a call behind its released-until mark (redaction.md): blocks come out of the call's memory in order, zeroed
 * where they are to be silent. What nobody heard, or must leave the memory before it is released, goes to disk as silence
 * (`redacted-only`) or in clear and flagged (`all`). The file is always stereo: left the caller, right everyone else; a
 * stream that carries all is in both.
 */
export class Recorder {
  readonly #memory: AudioMemory;
  readonly #policy: RecordPolicy;
  readonly #file: RecordingFile;
  readonly #onFailure: (failure: string, sample: number) => void;
  readonly #silence = new SilenceRanges();
  /** Stretches to come that nobody heard and the policy keeps. */
  readonly #unheard = new SilenceRanges();
  readonly #silenced = new SilenceRanges();
  readonly #unredacted = new SilenceRanges();
  /** Of the chunk that is being filled: noted beside the file together with it. */
  #chunkSilenced = new SilenceRanges();
  #chunkUnredacted = new SilenceRanges();
  readonly #left = new Int16Array(blockSamples);
  readonly #right = new Int16Array(blockSamples);
  #mark = 0;
  #taken = 0;
  #chunk = spareChunks.take();
  #chunkBytes = 0;
  #chunkEndBytes = Math.ceil(chunkSamples * ((++recordersMade * chunkSpread) % 1)) * recordingFrameBytes;
  #failure: string | null = null;

  constructor(options: {
    memory: AudioMemory;
    policy: RecordPolicy;
    /** Absolute. */
    path: string;
    onFailure: (failure: string, sample: number) => void;
  }) {
    this.#memory = options.memory;
    this.#policy = options.policy;
    this.#onFailure = options.onFailure;
    this.#file = new RecordingFile(options.path, (error) => this.#fail(failureOf(error)));
  }

  /** Samples before this are out of the memory as far as the recording goes. */
  get taken(): number {
    return this.#taken;
  }

  /** Moves the mark (never back) and writes what it frees: what is shown next must survive a kill. */
  release(untilSample: number, silence: readonly SampleRange[]): void {
    for (const range of silence) this.silence(range);
    if (untilSample > this.#mark) this.#mark = untilSample;
    this.advance();
  }

  /** Silences a stretch wherever it is: still to come, in memory, or on disk. */
  silence(range: SampleRange): void {
    this.#silence.add(range.startSample, range.endSample);
    if (range.startSample >= this.#taken) return;
    const written = { startSample: range.startSample, endSample: Math.min(range.endSample, this.#taken) };
    this.#silenced.add(written.startSample, written.endSample);
    this.#flushChunk();
    this.#file.zero(written);
  }

  /** A stretch of which nobody knows what was said: silent, or kept in clear and told of, as the policy has it. */
  unheard(range: SampleRange): void {
    if (this.#policy !== 'all') {
      this.silence(range);
      return;
    }
    this.#unheard.add(range.startSample, range.endSample);
    this.#keptInClear({ startSample: range.startSample, endSample: Math.min(range.endSample, this.#taken) });
  }

  /** Takes what lies before the mark. */
  advance(): void {
    const until = Math.min(this.#mark, this.#memory.endSample);
    while (this.#taken < until) {
      const block = this.#memory.at(this.#taken);
      if (block === undefined) return;
      const end = Math.min(until, block.startSample + block.samples);
      if (this.#failure === null) this.#takePart(block, end);
      this.#taken = end;
    }
  }

  /** The oldest block leaves the memory, released or not. */
  letGo(block: AudioBlock): void {
    const end = block.startSample + block.samples;
    if (this.#taken >= end) return;
    if (this.#policy === 'all') this.#keptInClear({ startSample: this.#taken, endSample: end });
    else this.#silence.add(this.#taken, end);
    if (this.#failure === null) this.#takePart(block, end);
    this.#taken = end;
  }

  /** On disk, as far as it is released. Never rejects. */
  async flushed(): Promise<WrittenRecording> {
    this.#flushChunk();
    await this.#file.flushed();
    return this.#written();
  }

  /** Writes the rest of what is released and closes. Never rejects. */
  async finish(): Promise<WrittenRecording> {
    this.advance();
    this.#flushChunk();
    await this.#file.close();
    return this.#written();
  }

  #written(): WrittenRecording {
    return {
      samples: this.#file.samplesWritten,
      silenced: this.#silenced.list,
      unredacted: this.#unredacted.list,
      failure: this.#failure,
    };
  }

  #takePart(block: AudioBlock, end: number): void {
    const start = this.#taken;
    const count = end - start;
    const offset = start - block.startSample;
    const left = this.#left.subarray(0, count).fill(0);
    const right = this.#right.subarray(0, count).fill(0);
    const { sides } = this.#memory;
    for (let index = 0; (index + 1) * blockSamples <= block.pcm.length; index++) {
      const pcm = block.pcm.subarray(index * blockSamples + offset, index * blockSamples + offset + count);
      const side = sides[index]?.side ?? 'mixed';
      if (inLeft.includes(side)) mixInto(left, pcm);
      if (inRight.includes(side)) mixInto(right, pcm);
    }
    if (!this.#silence.isEmpty) {
      this.#silence.zero(left, start);
      this.#silence.zero(right, start);
      for (const range of this.#silence.within(start, end)) {
        this.#silenced.add(range.startSample, range.endSample);
        this.#chunkSilenced.add(range.startSample, range.endSample);
      }
      this.#silence.dropBefore(end);
    }
    if (!this.#unheard.isEmpty) {
      for (const range of this.#unheard.within(start, end)) this.#keptInClear(range);
      this.#unheard.dropBefore(end);
    }
    this.#taken = end;
    this.#write(left, right);
  }

  #keptInClear({ startSample, endSample }: SampleRange): void {
    this.#unredacted.add(startSample, endSample);
    this.#chunkUnredacted.add(startSample, endSample);
  }

  #write(left: Int16Array, right: Int16Array): void {
    const table = encodeTable('pcmu');
    for (let i = 0; i < left.length; i++) {
      this.#chunk[this.#chunkBytes++] = table[(left[i] as number) & 0xffff] ?? silenceCode.pcmu;
      this.#chunk[this.#chunkBytes++] = table[(right[i] as number) & 0xffff] ?? silenceCode.pcmu;
      if (this.#chunkBytes >= this.#chunkEndBytes) this.#flushChunk();
    }
  }

  #flushChunk(): void {
    if (this.#chunkBytes === 0) return;
    if (this.#file.queuedBytes > queueLimitBytes) {
      this.#fail('disk-too-slow');
      return;
    }
    const ranges = { silenced: this.#chunkSilenced.list, unredacted: this.#chunkUnredacted.list };
    const chunk = this.#chunk;
    this.#file.append(chunk.subarray(0, this.#chunkBytes), ranges, () => spareChunks.giveBack(chunk));
    this.#chunkSilenced = new SilenceRanges();
    this.#chunkUnredacted = new SilenceRanges();
    this.#chunk = spareChunks.take();
    this.#chunkBytes = 0;
    this.#chunkEndBytes = this.#chunk.length;
  }

  #fail(failure: string): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#chunkBytes = 0;
    this.#onFailure(failure, this.#file.samplesWritten);
  }
}

function mixInto(sum: Int16Array, pcm: Int16Array): void {
  for (let i = 0; i < sum.length; i++) {
    const sample = (sum[i] as number) + (pcm[i] as number);
    sum[i] = sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : sample;
  }
}

function failureOf(error: Error): string {
  const code = systemCode(toError(error));
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' ? 'disk-full' : 'write-failed';
}
