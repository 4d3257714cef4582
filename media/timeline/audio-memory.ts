import { msToSamples } from '../types.ts';
import { Pool } from './pool.ts';

/** Both channels of 100 ms: [caller | callee], each `blockSamples` long. */
export const blockSamples = msToSamples(100);

export interface AudioBlock {
  readonly startSample: number;
  /** `blockSamples`, less in the last block of a call. */
  readonly samples: number;
  readonly pcm: Int16Array<ArrayBuffer>;
}

/** 13 MB: what 400 calls let go in a second. */
const mostSpareBlocks = 4096;
/** Of this thread's calls together. */
const spareBlocks = new Pool(() => new Int16Array(2 * blockSamples), mostSpareBlocks);

/**
 * A call's newest audio, kept until it is recorded and recognised. Blocks are contiguous; the oldest leave first and
 * their arrays are used again.
 */
export class AudioMemory {
  readonly #blocks: AudioBlock[] = [];
  #head = 0;
  #end = 0;

  /** An array for the next block. */
  take(): Int16Array<ArrayBuffer> {
    return spareBlocks.take();
  }

  append(pcm: Int16Array<ArrayBuffer>, samples: number): AudioBlock {
    const block = { startSample: this.#end, samples, pcm };
    this.#blocks.push(block);
    this.#end += samples;
    return block;
  }

  /** The block that holds `sample`; undefined when it is not (or no longer) there. */
  at(sample: number): AudioBlock | undefined {
    if (sample < this.startSample || sample >= this.#end) return undefined;
    return this.#blocks[this.#head + Math.floor((sample - this.startSample) / blockSamples)];
  }

  get oldest(): AudioBlock | undefined {
    return this.#blocks[this.#head];
  }

  dropOldest(): void {
    const block = this.#blocks[this.#head];
    if (block === undefined) return;
    this.#head++;
    spareBlocks.giveBack(block.pcm);
    if (this.#head > 64 && this.#head * 2 > this.#blocks.length) {
      this.#blocks.splice(0, this.#head);
      this.#head = 0;
    }
  }

  clear(): void {
    while (this.oldest !== undefined) this.dropOldest();
    this.#blocks.length = 0;
    this.#head = 0;
  }

  get startSample(): number {
    return this.#blocks[this.#head]?.startSample ?? this.#end;
  }
  get endSample(): number {
    return this.#end;
  }
  get samples(): number {
    return this.#end - this.startSample;
  }
}
