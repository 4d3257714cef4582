import { endlessMs, type AsrEvent, type Word } from '#asr/types.ts';
import { otherSide, talkSides, type TalkSide } from '#sip/types.ts';
import type { HeardUntil } from './chains.ts';

export interface OpenSegment {
  readonly segmentId: string;
  readonly words: readonly Word[];
}

/** How far each side has been heard, and what its open segment reads so far. */
export class Listening {
  readonly #decidedMs: Record<TalkSide, number> = { caller: 0, callee: 0 };
  #heardMs = 0;
  #over = false;
  readonly open: Record<TalkSide, OpenSegment | null> = { caller: null, callee: null };

  take(event: AsrEvent): void {
    const { side } = event;
    switch (event.type) {
      case 'partial':
        this.open[side] = { segmentId: event.segmentId, words: event.words };
        return;
      case 'final':
      case 'no-words':
        if (this.open[side]?.segmentId === event.segmentId) this.open[side] = null;
        this.#heard(event.endMs);
        return;
      case 'progress':
        this.#decidedMs[side] = Math.max(this.#decidedMs[side], event.decidedMs);
        this.#heard(event.heardMs);
        return;
      case 'unheard':
        // Its end may be unknown (`endlessMs`): it says nothing about how late it is.
        return;
      case 'finished':
        this.#decidedMs[side] = Number.POSITIVE_INFINITY;
        return;
      default:
        event satisfies never;
    }
  }

  finish(): void {
    this.#over = true;
    this.#decidedMs.caller = Number.POSITIVE_INFINITY;
    this.#decidedMs.callee = Number.POSITIVE_INFINITY;
    this.open.caller = null;
    this.open.callee = null;
  }

  /** The sides whose sound recognition has not come to the end of, and from where on. */
  unfinished(): { readonly side: TalkSide; readonly startMs: number; readonly endMs: number }[] {
    return talkSides
      .map((side) => ({ side, startMs: this.#decidedMs[side], endMs: endlessMs }))
      .filter(({ startMs }) => startMs < Number.POSITIVE_INFINITY);
  }

  /** The latest moment of audio that recognition has taken, of either side. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** What was said before is known on both sides. */
  get knownMs(): number {
    return Math.min(this.#heardMs, this.#decidedMs.caller, this.#decidedMs.callee);
  }

  otherDecidedMs(side: TalkSide): number {
    return this.#decidedMs[otherSide(side)];
  }

  until(): HeardUntil {
    return {
      decidedMs: Math.min(this.#decidedMs.caller, this.#decidedMs.callee),
      over: this.#over || Object.values(this.#decidedMs).every((ms) => ms === Number.POSITIVE_INFINITY),
    };
  }

  #heard(ms: number): void {
    this.#heardMs = Math.max(this.#heardMs, ms);
  }
}
