import type { ChannelSide } from '#sip/types.ts';
import { msToSamples } from '../types.ts';
import { Pool } from './pool.ts';

/** Of one channel in a block: 100 ms. */
export const blockSamples = msToSamples(100);

export interface AudioBlock {
  readonly startSample: number;
  /** `blockSamples`, less in the last block of a call. */
  readonly samples: number;
  /** The channels one after the other, `blockSamples` each, in the order of `AudioMemory.sides`, as many as there were. */
  readonly pcm: Int16Array<ArrayBuffer>;
}

/** A channel: it is in the blocks from `fromSample` on. */
export interface MemorySide {
  readonly side: ChannelSide;
  readonly fromSample: number;
}

export const mostChannels = 3;
/** 13 MB of stereo: what 400 calls let go in a second. */
const mostSpareBlocks = 4096;
/** By number of channels, of this thread's calls together. */
const spareBlocks = Array.from(
  { length: mostChannels + 1 },
  (_, channels) => new Pool(() => new Int16Array(channels * blockSamples), mostSpareBlocks),
);

/**
 * A call's newest audio, kept until it is recorded and recognised. Blocks are contiguous; the oldest leave first and
 * their arrays are used again.
 */
export class AudioMemory {
  /** The channels of the newest block, in their order. */
  readonly sides: MemorySide[] = [];
  readonly #blocks: AudioBlock[] = [];
  #head = 0;
  #end = 0;

  /** An array for a block. */
  take(channels: number): Int16Array<ArrayBuffer> {
    return (spareBlocks[channels] as Pool<Int16Array<ArrayBuffer>>).take();
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
    spareBlocks[block.pcm.length / blockSamples]?.giveBack(block.pcm);
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
