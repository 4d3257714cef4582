import { encodeAudioFeedFrame } from '#lib/audio-feed.ts';
import { talkSides, type TalkSide } from '#sip/types.ts';
import { blockSamples, type AudioMemory } from '../timeline/audio-memory.ts';
import type { FeedConnection } from './feed-connection.ts';

/**
 * Sends one call's audio to the recogniser that it is attached to: everything still in memory from the given samples
 * on, then each block as it comes, then the end. What has left the memory is skipped, by another `open` further on.
 */
export class CallFeed {
  readonly #callId: string;
  readonly #memory: AudioMemory;
  #connection: FeedConnection | undefined;
  readonly #next: Record<TalkSide, number> = { caller: 0, callee: 0 };
  readonly #opened: Record<TalkSide, boolean> = { caller: false, callee: false };
  #endSample = Infinity;
  #ended = false;

  constructor(callId: string, memory: AudioMemory) {
    this.#callId = callId;
    this.#memory = memory;
  }

  get connection(): FeedConnection | undefined {
    return this.#connection;
  }

  attach(connection: FeedConnection, fromSample: Readonly<Record<TalkSide, number>>): void {
    this.#connection = connection;
    this.#ended = false;
    for (const side of talkSides) {
      this.#next[side] = fromSample[side];
      this.#opened[side] = false;
    }
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

  /** Sends what there is and the connection takes. */
  pump(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#ended) return;
    for (const side of talkSides) {
      if (!this.#pumpSide(connection, side)) return;
    }
    if (this.#next.caller < this.#endSample || this.#next.callee < this.#endSample) return;
    this.#ended = true;
    for (const side of talkSides) connection.send(this.#frame('end', side, this.#endSample));
  }

  /** False when the connection is congested: `pump` again when it has drained. */
  #pumpSide(connection: FeedConnection, side: TalkSide): boolean {
    for (;;) {
      if (this.#next[side] < this.#memory.startSample) {
        this.#next[side] = this.#memory.startSample;
        this.#opened[side] = false;
      }
      if (!this.#opened[side]) {
        this.#opened[side] = true;
        connection.send(this.#frame('open', side, this.#next[side]));
      }
      const block = this.#memory.at(this.#next[side]);
      if (block === undefined) return true;
      if (connection.congested) return false;
      const from = this.#next[side] - block.startSample;
      const channel = side === 'caller' ? 0 : blockSamples;
      const pcm = block.pcm.subarray(channel + from, channel + block.samples);
      connection.send(this.#frame('audio', side, this.#next[side], pcm));
      this.#next[side] = block.startSample + block.samples;
    }
  }

  #frame(kind: 'open' | 'audio' | 'end', side: TalkSide, sample: number, pcm?: Int16Array): Buffer {
    return encodeAudioFeedFrame(kind, side === 'caller' ? 0 : 1, this.#callId, sample, pcm);
  }
}
