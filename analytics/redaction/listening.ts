import { endlessMs, type AsrEvent, type Word } from '#asr/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { HeardUntil } from './chains.ts';

export interface OpenSegment {
  readonly segmentId: string;
  readonly words: readonly Word[];
}

interface HeardSide {
  readonly side: ChannelSide;
  /** Where its sound begins: before that it said nothing. */
  readonly fromMs: number;
  decidedMs: number;
  open: OpenSegment | null;
}

/** How far each side has been heard, and what its open segment reads so far. */
export class Listening {
  readonly #sides: HeardSide[] = [];
  #heardMs = 0;
  #over = false;

  constructor(sides: readonly ChannelSide[]) {
    for (const side of sides) this.add(side, 0);
  }

  /** A side more, whose sound begins at `fromMs`. Nothing where it is known already. */
  add(side: ChannelSide, fromMs: number): void {
    if (this.#find(side) === undefined) this.#sides.push({ side, fromMs, decidedMs: fromMs, open: null });
  }

  get sides(): readonly ChannelSide[] {
    return this.#sides.map(({ side }) => side);
  }

  /** The open segment of a side. */
  open(side: ChannelSide): OpenSegment | null {
    return this.#find(side)?.open ?? null;
  }

  take(event: AsrEvent): void {
    // A side that nobody told of is one all the same: nothing of the call is let out before it is heard.
    this.add(event.side, 0);
    const of = this.#find(event.side)!;
    switch (event.type) {
      case 'partial':
        of.open = { segmentId: event.segmentId, words: event.words };
        return;
      case 'final':
      case 'no-words':
        if (of.open?.segmentId === event.segmentId) of.open = null;
        this.#heard(event.endMs);
        return;
      case 'progress':
        of.decidedMs = Math.max(of.decidedMs, event.decidedMs);
        this.#heard(event.heardMs);
        return;
      case 'speakers':
      case 'sound':
      case 'levels':
      case 'identical':
      case 'degraded':
        return;
      case 'unheard':
        // Its end may be unknown (`endlessMs`): it says nothing about how late it is.
        return;
      case 'finished':
        of.decidedMs = Number.POSITIVE_INFINITY;
        return;
      default:
        event satisfies never;
    }
  }

  finish(): void {
    this.#over = true;
    for (const of of this.#sides) {
      of.decidedMs = Number.POSITIVE_INFINITY;
      of.open = null;
    }
  }

  /** The sides whose sound recognition has not come to the end of, and from where on. */
  unfinished(): { readonly side: ChannelSide; readonly startMs: number; readonly endMs: number }[] {
    return this.#sides
      .map(({ side, decidedMs }) => ({ side, startMs: decidedMs, endMs: endlessMs }))
      .filter(({ startMs }) => startMs < Number.POSITIVE_INFINITY);
  }

  /** The latest moment of audio that recognition has taken, of any side. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** What was said before is known on all sides. */
  get knownMs(): number {
    return Math.min(this.#heardMs, this.#decidedMs);
  }

  /** What was said before by anybody on another side is known. */
  othersDecidedMs(side: ChannelSide): number {
    return leastDecidedMs(this.#sides.filter((of) => of.side !== side));
  }

  until(): HeardUntil {
    const decidedMs = this.#decidedMs;
    return {
      decidedMs,
      over: this.#over || decidedMs === Number.POSITIVE_INFINITY,
      sides: this.#sides.map(({ side, fromMs }) => ({ side, fromMs })),
    };
  }

  get #decidedMs(): number {
    return leastDecidedMs(this.#sides);
  }

  #find(side: ChannelSide): HeardSide | undefined {
    return this.#sides.find((of) => of.side === side);
  }

  #heard(ms: number): void {
    this.#heardMs = Math.max(this.#heardMs, ms);
  }
}

function leastDecidedMs(sides: readonly HeardSide[]): number {
  return Math.min(Number.POSITIVE_INFINITY, ...sides.map(({ decidedMs }) => decidedMs));
}
