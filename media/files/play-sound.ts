import type { IntakeCall, PartySide, PcmStream } from '#sip/types.ts';
import { sampleRateHz, samplesToMs } from '../types.ts';
import type { SoundReader } from './sound/sound-thread.ts';

/** The channels of one or two files, each with the side of the call that speaks in it. */
export interface SoundToPlay {
  readonly readers: readonly SoundReader[];
  /** In the order of the channels, over all readers. */
  readonly sides: readonly PartySide[];
}

/** What sets the pace of playing. */
export interface Pace {
  /** To be awaited after each second, with the ms that were played: true when more is to come. */
  room(doneMs: number): Promise<boolean>;
}

/** `mixed` for one channel; of two, the caller is the first, unless they are swapped. */
export function sidesOf(channels: number, swap: boolean): readonly PartySide[] {
  if (channels === 1) return ['mixed'];
  return swap ? ['callee', 'caller'] : ['caller', 'callee'];
}

/**
 * Plays sound into a call as fast as the call takes it: after each second it waits for room, so that recognition sets
 * the pace and memory stays what it is. A file that ends before the other goes on in silence.
 */
export async function playSound({ fork }: IntakeCall, { readers, sides }: SoundToPlay, pace: Pace): Promise<void> {
  const streams: PcmStream[] = [];
  for (const side of sides) streams.push(await fork.addPcm(side, { encoding: 'linear16', sampleRateHz }));
  const feeds = readers.map((reader) => new Feed(reader));
  let played = 0;
  for (;;) {
    const ahead = await Promise.all(feeds.map((feed) => feed.look()));
    // As much as every file that has not ended can give now.
    const samples = Math.min(...ahead.filter((available) => available > 0));
    if (samples === Infinity) return;
    feeds
      .flatMap((feed) => feed.take(samples))
      .forEach((pcm, channel) => streams[channel]?.write(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)));
    played += samples;
    if (!(await pace.room(samplesToMs(played)))) return;
  }
}

/** One file, from which as much is taken as the other has. */
class Feed {
  readonly #reader: SoundReader;
  #block: Int16Array<ArrayBuffer>[] = [];
  #taken = 0;
  #channels = 1;
  #ended = false;

  constructor(reader: SoundReader) {
    this.#reader = reader;
  }

  /** Samples that can be taken; 0: it has ended. */
  async look(): Promise<number> {
    if (!this.#ended && this.#left === 0) {
      const next = await this.#reader.next();
      this.#ended = next === null;
      if (next !== null) this.#channels = next.length;
      this.#block = next ?? [];
      this.#taken = 0;
    }
    return this.#left;
  }

  take(samples: number): Int16Array<ArrayBuffer>[] {
    if (this.#ended) return Array.from({ length: this.#channels }, () => new Int16Array(samples));
    const from = this.#taken;
    this.#taken += samples;
    return this.#block.map((pcm) => pcm.slice(from, this.#taken));
  }

  get #left(): number {
    return (this.#block[0]?.length ?? 0) - this.#taken;
  }
}
