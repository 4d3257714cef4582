import type { ChannelSide } from '#sip/types.ts';
import { KeyRuns } from '../dtmf/key-runs.ts';
import { TelephoneEvents } from '../dtmf/telephone-event.ts';
import { ToneDetector } from '../dtmf/tone-detector.ts';
import { Channel } from '../jitter/channel.ts';

export interface LaneOptions {
  readonly side: ChannelSide;
  /** Samples that may wait in the lane. */
  readonly pendingSamples: number;
  /** The first sample of the timeline that the lane can still write; what is before it is silence. */
  readonly fromSample: number;
  /** A key sounds in [start, end); called again as it goes on. */
  readonly onKey: (start: number, end: number) => void;
}

/** One side of a call on its timeline: jitter buffer, keys, and the settled samples that wait to be handed on. */
export class Lane {
  readonly side: ChannelSide;
  readonly channel: Channel;
  readonly runs = new KeyRuns();
  readonly events: TelephoneEvents;
  readonly pending: Int16Array;
  /** The latest key. */
  readonly key = { start: -1, end: -1 };
  readonly #detector: ToneDetector;
  /** The detector counts from its own first sample. */
  readonly #fromSample: number;

  constructor({ side, pendingSamples, fromSample, onKey }: LaneOptions) {
    this.side = side;
    this.channel = new Channel(fromSample);
    this.pending = new Int16Array(pendingSamples);
    this.#fromSample = fromSample;
    this.#detector = new ToneDetector({
      tones: (start, end) => onKey(fromSample + Math.max(0, start), fromSample + end),
    });
    let pressed = 0;
    this.events = new TelephoneEvents({
      pressed: (from, until) => {
        pressed = from;
        onKey(from, until);
      },
      released: (end) => onKey(pressed, end),
    });
  }

  /** The next `count` samples into `pending[at..]`. */
  settle(at: number, count: number): void {
    this.channel.settle(this.pending, at, count);
    this.#detector.push(this.pending, at, at + count);
  }

  /** No key that is yet to be found in the sound begins before this sample. */
  get safeUntil(): number {
    return this.#fromSample + this.#detector.safeUntil;
  }
}
