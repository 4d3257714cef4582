import type { TalkSide } from '#sip/types.ts';
import { samplesToMs } from '#media/types.ts';
import { unreachable } from '#lib/errors.ts';
import type { SpeechEvent, SpeechWord } from '../process/messages.ts';
import { endlessMs, type AsrEvent, type Word } from '../types.ts';

interface SideState {
  decidedSample: number;
  heardSample: number;
  nextSegment: number;
  finished: boolean;
}

/**
 * What is known of one call, whichever process recognises it: how far each side is decided and how many segments it has
 * had. A process that takes a call over goes on from here, so nothing is told twice. Positions become ms here.
 */
export class CallLedger {
  readonly callId: string;
  readonly #sides: Readonly<Record<TalkSide, SideState>> = { caller: newSide(), callee: newSide() };

  constructor(callId: string) {
    this.callId = callId;
  }

  get finished(): boolean {
    return this.#sides.caller.finished && this.#sides.callee.finished;
  }

  get decided(): Readonly<Record<TalkSide, number>> {
    return { caller: this.#sides.caller.decidedSample, callee: this.#sides.callee.decidedSample };
  }

  get nextSegment(): Readonly<Record<TalkSide, number>> {
    return { caller: this.#sides.caller.nextSegment, callee: this.#sides.callee.nextSegment };
  }

  /** What to tell of an event; undefined when it has been told already. */
  take(event: SpeechEvent): AsrEvent | undefined {
    const side = this.#sides[event.side];
    if (side.finished) return undefined;
    const { callId } = this;
    switch (event.type) {
      case 'partial':
        if (event.index !== side.nextSegment) return undefined;
        return { ...this.#segment(event), type: 'partial', words: event.words.map(toWord) };
      case 'final':
        if (event.index !== side.nextSegment) return undefined;
        this.#decideSegment(side, event.endSample);
        return {
          ...this.#segment(event),
          type: 'final',
          startMs: samplesToMs(event.startSample),
          endMs: samplesToMs(event.endSample),
          text: event.text,
          words: event.words.map(toWord),
          confidence: event.confidence,
          language: event.language,
        };
      case 'no-words':
        if (event.index !== side.nextSegment) return undefined;
        this.#decideSegment(side, event.endSample);
        return {
          ...this.#segment(event),
          type: 'no-words',
          startMs: samplesToMs(event.startSample),
          endMs: samplesToMs(event.endSample),
        };
      case 'progress':
        side.decidedSample = Math.max(side.decidedSample, event.decidedSample);
        side.heardSample = Math.max(side.heardSample, event.heardSample);
        return {
          type: 'progress',
          callId,
          side: event.side,
          decidedMs: samplesToMs(side.decidedSample),
          heardMs: samplesToMs(side.heardSample),
        };
      case 'unheard':
        side.decidedSample = Math.max(side.decidedSample, event.endSample);
        side.heardSample = Math.max(side.heardSample, event.endSample);
        return {
          type: 'unheard',
          callId,
          side: event.side,
          startMs: samplesToMs(event.startSample),
          endMs: samplesToMs(event.endSample),
        };
      case 'finished':
        side.finished = true;
        return { type: 'finished', callId, side: event.side, endMs: samplesToMs(event.endSample) };
      default:
        return unreachable(event);
    }
  }

  /** Nobody will recognise the rest of the call: the end of both sides. */
  giveUp(): AsrEvent[] {
    const { callId } = this;
    return (['caller', 'callee'] as const).flatMap((side): AsrEvent[] => {
      const state = this.#sides[side];
      if (state.finished) return [];
      state.finished = true;
      return [
        { type: 'unheard', callId, side, startMs: samplesToMs(state.decidedSample), endMs: endlessMs },
        { type: 'finished', callId, side, endMs: endlessMs },
      ];
    });
  }

  #decideSegment(side: SideState, endSample: number): void {
    side.nextSegment += 1;
    side.decidedSample = Math.max(side.decidedSample, endSample);
    side.heardSample = Math.max(side.heardSample, endSample);
  }

  #segment(event: { readonly side: TalkSide; readonly index: number }): {
    readonly callId: string;
    readonly side: TalkSide;
    readonly segmentId: string;
  } {
    return { callId: this.callId, side: event.side, segmentId: `${this.callId}:${event.side}:${event.index}` };
  }
}

function newSide(): SideState {
  return { decidedSample: 0, heardSample: 0, nextSegment: 0, finished: false };
}

function toWord(word: SpeechWord): Word {
  return {
    text: word.text,
    startMs: samplesToMs(word.startSample),
    endMs: samplesToMs(word.endSample),
    confidence: word.confidence,
  };
}
