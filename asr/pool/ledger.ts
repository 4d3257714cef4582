import type { TalkSide } from '#sip/types.ts';
import { samplesToMs } from '#media/types.ts';
import { unreachable } from '#lib/errors.ts';
import type { SpeechEvent, SpeechWord } from '../process/messages.ts';
import { endlessMs, type AsrEvent, type Word } from '../types.ts';

interface SideState {
  decidedSample: number;
  heardSample: number;
  nextSegment: number;
  /** Segments that ended here without the process knowing: what it counts is this much behind. */
  unknownToProcess: number;
  /** The open segment whose words have been shown: it must come to an end. */
  shown: { readonly startSample: number; readonly endSample: number } | undefined;
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

  /** From where on, and from which segment, the next process is to go on. */
  handOver(): {
    readonly from: Readonly<Record<TalkSide, number>>;
    readonly nextSegment: Readonly<Record<TalkSide, number>>;
  } {
    const { caller, callee } = this.#sides;
    for (const side of [caller, callee]) side.unknownToProcess = 0;
    return { from: this.decided, nextSegment: { caller: caller.nextSegment, callee: callee.nextSegment } };
  }

  /** What to tell of an event; nothing when it has been told already. */
  take(event: SpeechEvent): AsrEvent[] {
    const side = this.#sides[event.side];
    if (side.finished) return [];
    if ('index' in event && event.index + side.unknownToProcess !== side.nextSegment) return [];
    const lost = this.#endLost(event.side, decidedBy(event));
    return [...lost, this.#tell(event, side)];
  }

  /**
   * A segment whose words were shown by a process that died, and that the next one did not find again: its audio was
   * gone, or it heard no speech in it. It ends without words before anything is told of what comes after.
   */
  #endLost(name: TalkSide, decidedSample: number): AsrEvent[] {
    const side = this.#sides[name];
    const { shown } = side;
    if (shown === undefined || decidedSample <= shown.startSample) return [];
    const startSample = Math.max(side.decidedSample, shown.startSample);
    const endSample = Math.max(startSample, Math.min(shown.endSample, decidedSample));
    const index = side.nextSegment;
    side.nextSegment += 1;
    side.unknownToProcess += 1;
    side.shown = undefined;
    side.decidedSample = endSample;
    const [startMs, endMs] = [samplesToMs(startSample), samplesToMs(endSample)];
    return [{ type: 'no-words', ...this.#segment(name, index), startMs, endMs }];
  }

  #tell(event: SpeechEvent, side: SideState): AsrEvent {
    const { callId } = this;
    switch (event.type) {
      case 'partial':
        side.shown = { startSample: event.words[0]?.startSample ?? 0, endSample: event.words.at(-1)?.endSample ?? 0 };
        return {
          ...this.#segment(event.side, side.nextSegment),
          type: 'partial',
          words: event.words.map(toWord),
        };
      case 'final':
        return {
          ...this.#decideSegment(event, side),
          type: 'final',
          startMs: samplesToMs(event.startSample),
          endMs: samplesToMs(event.endSample),
          text: event.text,
          words: event.words.map(toWord),
          confidence: event.confidence,
          language: event.language,
        };
      case 'no-words':
        return {
          ...this.#decideSegment(event, side),
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
      case 'unheard': {
        const startSample = Math.max(side.decidedSample, event.startSample);
        side.decidedSample = Math.max(side.decidedSample, event.endSample);
        side.heardSample = Math.max(side.heardSample, event.endSample);
        return {
          type: 'unheard',
          callId,
          side: event.side,
          startMs: samplesToMs(Math.min(startSample, event.endSample)),
          endMs: samplesToMs(event.endSample),
        };
      }
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
      const lost = this.#endLost(side, Infinity);
      state.finished = true;
      return [
        ...lost,
        { type: 'unheard', callId, side, startMs: samplesToMs(state.decidedSample), endMs: endlessMs },
        { type: 'finished', callId, side, endMs: endlessMs },
      ];
    });
  }

  #decideSegment(event: { readonly side: TalkSide; readonly endSample: number }, side: SideState): Segment {
    const segment = this.#segment(event.side, side.nextSegment);
    side.nextSegment += 1;
    side.shown = undefined;
    side.decidedSample = Math.max(side.decidedSample, event.endSample);
    side.heardSample = Math.max(side.heardSample, event.endSample);
    return segment;
  }

  #segment(side: TalkSide, index: number): Segment {
    return { callId: this.callId, side, segmentId: `${this.callId}:${side}:${index}` };
  }
}

interface Segment {
  readonly callId: string;
  readonly side: TalkSide;
  readonly segmentId: string;
}

/** Up to where nothing more comes after this event, but for the segment it is of. */
function decidedBy(event: SpeechEvent): number {
  if (event.type === 'progress') return event.decidedSample;
  if (event.type === 'unheard') return event.endSample;
  return event.type === 'finished' ? Infinity : 0;
}

function newSide(): SideState {
  return { decidedSample: 0, heardSample: 0, nextSegment: 0, unknownToProcess: 0, shown: undefined, finished: false };
}

function toWord(word: SpeechWord): Word {
  return {
    text: word.text,
    startMs: samplesToMs(word.startSample),
    endMs: samplesToMs(word.endSample),
    confidence: word.confidence,
  };
}
