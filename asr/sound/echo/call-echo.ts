import type { ChannelSide } from '#sip/types.ts';
import { audioChannels } from '#lib/audio-feed.ts';
import { longestDelay } from './delay.ts';
import { EchoJudge, type EchoView } from './judge.ts';

/** What is needed of another channel of the same call. */
export interface OtherChannel {
  readonly side: ChannelSide;
  /** Nothing that is still to be told of it begins before. */
  readonly decidedSample: number;
  readonly finished: boolean;
  /** A copy, of exactly this stretch; zeros where it is not held. */
  stretch(startSample: number, endSample: number): Int16Array;
}

/** With the channel of which it is heard. */
export type EchoOf = EchoView & { readonly of: ChannelSide };

/** What is heard of the other channels of a call on one of them. */
export class CallEcho {
  readonly #side: ChannelSide;
  readonly #others: () => Iterable<OtherChannel>;
  readonly #judges = new Map<ChannelSide, EchoJudge>();

  constructor(side: ChannelSide, others: () => Iterable<OtherChannel>) {
    this.#side = side;
    this.#others = others;
  }

  /** Where the earliest segment of another channel may begin that is still to be looked at. */
  get othersDecided(): number {
    let least = Infinity;
    for (const other of this.#others()) {
      if (other.side !== this.#side && !other.finished) least = Math.min(least, other.decidedSample);
    }
    return least;
  }

  /** Of the channel of which most is heard in this stretch; undefined where nothing of any is. */
  look(startSample: number, pcm: Int16Array): EchoOf | undefined {
    let most: EchoOf | undefined;
    for (const other of this.#others()) {
      if (other.side === this.#side) continue;
      const far = other.stretch(startSample - longestDelay, startSample + pcm.length);
      const view = this.#judge(other.side).look(pcm, far);
      if (view.explained > (most?.explained ?? 0)) most = { ...view, of: other.side };
    }
    return most;
  }

  #judge(other: ChannelSide): EchoJudge {
    const known = this.#judges.get(other);
    if (known !== undefined) return known;
    const made = new EchoJudge(audioChannels.indexOf(this.#side) > audioChannels.indexOf(other));
    this.#judges.set(other, made);
    return made;
  }
}
