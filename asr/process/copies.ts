import type { ChannelSide } from '#sip/types.ts';
import type { OpenSegment } from '../segments/segmenter.ts';
import { longestDelay } from '../sound/echo/delay.ts';
import type { CallEcho, EchoOf } from '../sound/echo/call-echo.ts';
import { isAllEcho } from '../sound/echo/verdict.ts';

/** Between two looks at a segment that is being spoken: half a second. */
const everySamples = 4000;
/** Of it, what is looked at: its last two seconds. */
const latestSamples = 16_384;
/** The longest segment, and the longest delay: what other channels may be asked for. */
const mostHeldSamples = 136_000;
/** So much of the same sound is no accident: two seconds. */
const identicalSamples = 16_000;

/** What of one channel is a copy of another of its call: whole segments, and the one that is being spoken. */
export class Copies {
  readonly #echo: CallEcho;
  readonly #identical: (of: ChannelSide, startSample: number) => void;
  #same: { readonly of: ChannelSide; readonly startSample: number; samples: number } | undefined;
  #sameIsTold = false;
  #soFar = { startSample: -1, atSample: -1, isCopy: false };

  /** `identical` is called once, when the channel is found to carry what another carries. */
  constructor(echo: CallEcho, identical: (of: ChannelSide, startSample: number) => void) {
    this.#echo = echo;
    this.#identical = identical;
  }

  /** From where on this channel's sound may still be asked for, to be found again on others. */
  neededFrom(heardSample: number): number {
    return Math.max(this.#echo.othersDecided - longestDelay, heardSample - mostHeldSamples);
  }

  /** A segment that is over. */
  look(startSample: number, pcm: Int16Array): EchoOf | undefined {
    const echo = this.#echo.look(startSample, pcm);
    if (echo?.isSame === true) this.#foundSame(echo.of, startSample, pcm.length);
    else if (echo === undefined || !isAllEcho(echo)) this.#same = undefined;
    return echo;
  }

  /** A segment in the making: looked at again every half second. */
  isCopySoFar(
    { startSample, heardSample }: OpenSegment,
    sound: { audio(startSample: number, endSample: number): Int16Array },
  ): boolean {
    const known = this.#soFar;
    const isKnown = known.startSample === startSample;
    if (heardSample < (isKnown ? known.atSample : startSample) + everySamples) return isKnown && known.isCopy;
    const from = Math.max(startSample, heardSample - latestSamples);
    const echo = this.#echo.look(from, sound.audio(from, heardSample));
    this.#soFar = { startSample, atSample: heardSample, isCopy: echo !== undefined && isAllEcho(echo) };
    return this.#soFar.isCopy;
  }

  #foundSame(of: ChannelSide, startSample: number, samples: number): void {
    if (this.#same?.of !== of) this.#same = { of, startSample, samples: 0 };
    this.#same.samples += samples;
    if (this.#sameIsTold || this.#same.samples < identicalSamples) return;
    this.#sameIsTold = true;
    this.#identical(of, this.#same.startSample);
  }
}
