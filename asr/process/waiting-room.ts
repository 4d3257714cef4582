import { newSpoolKey, type Spool, type SpooledPiece, type SpoolKey } from './spool.ts';

/** Audio of some channel that is kept until it can be looked at. */
export type Kept =
  | { readonly kind: 'memory'; readonly pcm: Int16Array }
  | { readonly kind: 'spooled'; readonly key: SpoolKey; readonly at: SpooledPiece };

export interface WaitingRoomOptions {
  /** Of all channels together, in memory; what is more goes to the spool, and without one, or past its limit, is lost. */
  readonly memorySamples: number;
  readonly spool?: Spool;
}

/** Where the audio of all channels of a process waits, in memory first and then on disk. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  #memorySamples = 0;
  #droppedSamples = 0;

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  get memorySamples(): number {
    return this.#memorySamples;
  }

  get spooledBytes(): number {
    return this.#options.spool?.usedBytes ?? 0;
  }

  /** What was lost since this was last asked. */
  takeDropped(): number {
    const dropped = this.#droppedSamples;
    this.#droppedSamples = 0;
    return dropped;
  }

  /** For the channels of one call. */
  keyOf(): SpoolKey {
    return newSpoolKey();
  }

  /**
   * Undefined when there is no room: the audio is lost. At most a second of it, which the room owns from here on. Half of
   * the memory is for calls that are live (`waits` is false): those that wait do not push them out.
   */
  keep(key: SpoolKey, pcm: Int16Array, waits: boolean): Kept | undefined {
    const mostSamples = this.#options.memorySamples / (waits ? 2 : 1);
    if (this.#memorySamples + pcm.length <= mostSamples) {
      this.#memorySamples += pcm.length;
      return { kind: 'memory', pcm };
    }
    const at = this.#options.spool?.write(key, pcm);
    if (at !== undefined) return { kind: 'spooled', key, at };
    this.#droppedSamples += pcm.length;
    return undefined;
  }

  /** Undefined when the disk did not give back what it was given. */
  take(kept: Kept): Int16Array | undefined {
    if (kept.kind === 'memory') {
      this.#memorySamples -= kept.pcm.length;
      return kept.pcm;
    }
    const pcm = this.#options.spool?.take(kept.key, kept.at);
    if (pcm === undefined) this.#droppedSamples += kept.at.samples;
    return pcm;
  }

  drop(kept: Kept): void {
    if (kept.kind === 'memory') this.#memorySamples -= kept.pcm.length;
    else this.#options.spool?.drop(kept.at);
  }

  close(): void {
    this.#options.spool?.close();
  }
}
