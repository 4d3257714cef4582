import { audioChannels, encodeAudioFeedFrame } from '#lib/audio-feed.ts';
import type { ChannelSide } from '#sip/types.ts';
import { blockSamples, type AudioMemory, type MemorySide } from '../timeline/audio-memory.ts';
import type { FeedConnection } from './feed-connection.ts';

/** From where on a side is to be sent; a side that is not named: from its first sample. */
export type FromSample = Readonly<Partial<Record<ChannelSide, number>>>;

interface SideFeed {
  readonly side: ChannelSide;
  next: number;
  opened: boolean;
}

/**
 * Sends one call's audio to the recogniser that it is attached to: everything still in memory from the given samples
 * on, then each block as it comes, then the end. What has left the memory is skipped, by another `open` further on.
 */
export class CallFeed {
  readonly #callId: string;
  readonly #memory: AudioMemory;
  readonly #failed: (thrown: unknown) => void;
  readonly #sides: SideFeed[] = [];
  #connection: FeedConnection | undefined;
  #from: FromSample = {};
  #endSample = Infinity;
  #ended = false;

  /** `failed`: something was thrown while nobody called. */
  constructor(callId: string, memory: AudioMemory, failed: (thrown: unknown) => void) {
    this.#callId = callId;
    this.#memory = memory;
    this.#failed = failed;
  }

  get connection(): FeedConnection | undefined {
    return this.#connection;
  }

  attach(connection: FeedConnection, fromSample: FromSample): void {
    this.#connection = connection;
    this.#ended = false;
    this.#from = fromSample;
    this.#sides.length = 0;
    this.pump();
  }

  detach(): void {
    this.#connection = undefined;
  }

  /** The call's audio ends here. */
  finish(endSample: number): void {
    this.#endSample = endSample;
    this.pump();
  }

  /** The connection, which was congested, has drained. */
  drained(): void {
    try {
      this.pump();
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  /** Sends what there is and the connection takes. */
  pump(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#ended) return;
    for (let index = 0; index < this.#memory.sides.length; index++) {
      if (!this.#pumpSide(connection, index)) return;
    }
    if (this.#sides.some(({ next }) => next < this.#endSample)) return;
    this.#ended = true;
    for (const { side } of this.#sides) connection.send(this.#frame('end', side, this.#endSample));
  }

  /** False when the connection is congested: `pump` again when it has drained. */
  #pumpSide(connection: FeedConnection, index: number): boolean {
    const state = (this.#sides[index] ??= this.#newSide(index));
    for (;;) {
      if (state.next < this.#memory.startSample) {
        state.next = this.#memory.startSample;
        state.opened = false;
      }
      if (!state.opened) {
        state.opened = true;
        connection.send(this.#frame('open', state.side, state.next));
      }
      const block = this.#memory.at(state.next);
      if (block === undefined) return true;
      if (connection.congested) return false;
      const channel = index * blockSamples;
      const pcm = block.pcm.subarray(channel + state.next - block.startSample, channel + block.samples);
      connection.send(this.#frame('audio', state.side, state.next, pcm));
      state.next = block.startSample + block.samples;
    }
  }

  #newSide(index: number): SideFeed {
    const { side, fromSample } = this.#memory.sides[index] as MemorySide;
    return { side, next: Math.max(fromSample, this.#from[side] ?? 0), opened: false };
  }

  #frame(kind: 'open' | 'audio' | 'end', side: ChannelSide, sample: number, pcm?: Int16Array): Buffer {
    return encodeAudioFeedFrame(kind, audioChannels.indexOf(side), this.#callId, sample, pcm);
  }
}
