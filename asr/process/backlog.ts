import { spoolSlotSamples, type SpoolKey } from './spool.ts';
import type { Kept, WaitingRoom } from './waiting-room.ts';

/** Audio from `sample` on, or without it the end. */
export interface Later {
  readonly sample: number;
  readonly pcm: Int16Array | undefined;
}

type Item = { readonly sample: number; readonly samples: number; readonly kept: Kept | undefined };

/**
 * What has come of one channel and is not looked at yet, in its order, kept a second at a time in the waiting room. What
 * found no room there is missing when its turn comes: the next piece lies further on.
 */
export class Backlog {
  readonly #room: WaitingRoom;
  readonly #key: SpoolKey;
  readonly #items: Item[] = [];
  #tail = new Int16Array(spoolSlotSamples);
  #tailSample = 0;
  #tailLength = 0;
  #samples = 0;
  /** The call's turn comes when nothing else is to be done. */
  waits = false;

  constructor(room: WaitingRoom, key: SpoolKey) {
    this.#room = room;
    this.#key = key;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0 && this.#tailLength === 0;
  }

  /** Of audio, what was lost for want of room left out. */
  get samples(): number {
    return this.#samples;
  }

  /** Where the first of it lies; only when there is any. */
  get startSample(): number {
    return this.#items[0]?.sample ?? this.#tailSample;
  }

  /** After what was last. The end when there is no `pcm`. */
  add(sample: number, pcm: Int16Array | undefined): void {
    if (pcm === undefined) {
      this.#seal();
      this.#items.push({ sample, samples: 0, kept: undefined });
      return;
    }
    for (let offset = 0; offset < pcm.length;) {
      if (this.#tailLength > 0 && this.#tailSample + this.#tailLength !== sample + offset) this.#seal();
      if (this.#tailLength === 0) this.#tailSample = sample + offset;
      const part = pcm.subarray(offset, offset + spoolSlotSamples - this.#tailLength);
      this.#tail.set(part, this.#tailLength);
      this.#tailLength += part.length;
      this.#samples += part.length;
      offset += part.length;
      if (this.#tailLength === spoolSlotSamples) this.#seal();
    }
  }

  /** The first piece. */
  take(): Later | undefined {
    if (this.#items.length === 0) this.#seal();
    const first = this.#items.shift();
    if (first === undefined) return undefined;
    const { sample, samples, kept } = first;
    if (kept === undefined) return { sample, pcm: undefined };
    this.#samples -= samples;
    // What cannot be read back is as if it had never come.
    return { sample, pcm: this.#room.take(kept) ?? new Int16Array(0) };
  }

  /** Nobody wants it any more. */
  clear(): void {
    for (const { kept } of this.#items.splice(0)) if (kept !== undefined) this.#room.drop(kept);
    this.#tailLength = 0;
    this.#samples = 0;
  }

  #seal(): void {
    const samples = this.#tailLength;
    if (samples === 0) return;
    this.#tailLength = 0;
    const kept = this.#room.keep(this.#key, this.#tail.slice(0, samples), this.waits);
    if (kept === undefined) this.#samples -= samples;
    else this.#items.push({ sample: this.#tailSample, samples, kept });
  }
}
