import type { ChannelSide } from '#sip/types.ts';
import { samplesToMs } from '#media/types.ts';
import { unreachable } from '#lib/errors.ts';
import type { SideStart, SpeechEvent, SpeechWord } from '../process/messages.ts';
import { endlessMs, type AsrEvent, type DegradedStep, type Word } from '../types.ts';
import { ToldSounds, type SoundEvent } from './told-sounds.ts';
import { ToldSpeakers } from './told-speakers.ts';

interface SideState {
  decidedSample: number;
  heardSample: number;
  nextSegment: number;
  /** Segments that ended here without the process knowing: what it counts is this much behind. */
  unknownToProcess: number;
  /** The open segment whose words have been shown: it must come to an end. */
  shown: { readonly startSample: number; readonly endSample: number } | undefined;
  readonly speakers: ToldSpeakers;
  readonly sounds: ToldSounds;
  /** As it was last told of; whoever takes the call over begins with what holds there. */
  step: DegradedStep;
  finished: boolean;
}

/**
 * What is known of one call, whichever process recognises it: how far each side is decided and how many segments it has
 * had. A process that takes a call over goes on from here, so nothing is told twice. Positions become ms here.
 */
export class CallLedger {
  readonly callId: string;
  readonly #sides = new Map<ChannelSide, SideState>();

  constructor(callId: string) {
    this.callId = callId;
  }

  /** How its recognition is to begin; undefined for a side that the call has. */
  addSide(side: ChannelSide, fromSample: number): SideStart | undefined {
    if (this.#sides.has(side)) return undefined;
    this.#sides.set(side, newSide(fromSample));
    return { side, fromSample, nextSegment: 0 };
  }

  get finished(): boolean {
    return [...this.#sides.values()].every((side) => side.finished);
  }

  get decided(): Readonly<Partial<Record<ChannelSide, number>>> {
    return Object.fromEntries(Array.from(this.#sides, ([side, { decidedSample }]) => [side, decidedSample]));
  }

  /** From where on, and from which segment, the next process is to go on with the sides that are not finished. */
  handOver(): SideStart[] {
    return Array.from(this.#sides).flatMap(([side, state]): SideStart[] => {
      if (state.finished) return [];
      state.unknownToProcess = 0;
      state.speakers.handOver(state.decidedSample);
      return [{ side, fromSample: state.decidedSample, nextSegment: state.nextSegment }];
    });
  }

  /** What to tell of an event; nothing when it has been told already. */
  take(event: SpeechEvent): AsrEvent[] {
    const side = this.#sides.get(event.side);
    if (side === undefined || side.finished) return [];
    if ('index' in event && event.index + side.unknownToProcess !== side.nextSegment) return [];
    if (event.type === 'sound' || event.type === 'levels' || event.type === 'identical') {
      return side.sounds.take(this.callId, event);
    }
    if (event.type === 'degraded' && event.step === side.step) return [];
    const lost = this.#endLost(event.side, side, decidedBy(event));
    return [...lost, this.#tell(event, side)];
  }

  /**
   * A segment whose words were shown by a process that died, and that the next one did not find again: its audio was
   * gone, or it heard no speech in it. It ends without words before anything is told of what comes after.
   */
  #endLost(name: ChannelSide, side: SideState, decidedSample: number): AsrEvent[] {
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

  #tell(event: Exclude<SpeechEvent, SoundEvent>, side: SideState): AsrEvent {
    const { callId } = this;
    switch (event.type) {
      case 'partial':
        side.shown = { startSample: event.words[0]?.startSample ?? 0, endSample: event.words.at(-1)?.endSample ?? 0 };
        return {
          ...this.#segment(event.side, side.nextSegment),
          type: 'partial',
          words: event.words.map((word) => toWord(word, side.speakers)),
        };
      case 'final':
        return {
          ...this.#decideSegment(event, side),
          type: 'final',
          startMs: samplesToMs(event.startSample),
          endMs: samplesToMs(event.endSample),
          text: event.text,
          words: event.words.map((word) => toWord(word, side.speakers)),
          confidence: event.confidence,
          language: event.language,
          ...(event.written && { written: event.written }),
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
      case 'speakers':
        side.speakers.take(event);
        return { type: 'speakers', callId, side: event.side, turns: side.speakers.turns, settled: event.settled };
      case 'degraded':
        side.step = event.step;
        return { type: 'degraded', callId, side: event.side, step: event.step, atMs: samplesToMs(event.sample) };
      case 'finished':
        side.finished = true;
        return { type: 'finished', callId, side: event.side, endMs: samplesToMs(event.endSample) };
      default:
        return unreachable(event);
    }
  }

  /** Nobody will recognise the rest of the call, or of one side of it: the end. */
  giveUp(only?: ChannelSide): AsrEvent[] {
    const { callId } = this;
    return Array.from(this.#sides).flatMap(([side, state]): AsrEvent[] => {
      if (state.finished || (only !== undefined && side !== only)) return [];
      const lost = this.#endLost(side, state, Infinity);
      state.finished = true;
      return [
        ...lost,
        { type: 'unheard', callId, side, startMs: samplesToMs(state.decidedSample), endMs: endlessMs },
        ...(state.speakers.isEmpty
          ? []
          : [{ type: 'speakers' as const, callId, side, turns: state.speakers.turns, settled: true }]),
        { type: 'finished', callId, side, endMs: endlessMs },
      ];
    });
  }

  #decideSegment(event: { readonly side: ChannelSide; readonly endSample: number }, side: SideState): Segment {
    const segment = this.#segment(event.side, side.nextSegment);
    side.nextSegment += 1;
    side.shown = undefined;
    side.decidedSample = Math.max(side.decidedSample, event.endSample);
    side.heardSample = Math.max(side.heardSample, event.endSample);
    return segment;
  }

  #segment(side: ChannelSide, index: number): Segment {
    return { callId: this.callId, side, segmentId: `${this.callId}:${side}:${index}` };
  }
}

interface Segment {
  readonly callId: string;
  readonly side: ChannelSide;
  readonly segmentId: string;
}

/** Up to where nothing more comes after this event, but for the segment it is of. */
function decidedBy(event: SpeechEvent): number {
  if (event.type === 'progress') return event.decidedSample;
  if (event.type === 'unheard') return event.endSample;
  return event.type === 'finished' ? Infinity : 0;
}

function newSide(fromSample: number): SideState {
  return {
    decidedSample: fromSample,
    heardSample: fromSample,
    nextSegment: 0,
    unknownToProcess: 0,
    shown: undefined,
    speakers: new ToldSpeakers(),
    sounds: new ToldSounds(),
    step: 'none',
    finished: false,
  };
}

function toWord(word: SpeechWord, speakers: ToldSpeakers): Word {
  return {
    text: word.text,
    startMs: samplesToMs(word.startSample),
    endMs: samplesToMs(word.endSample),
    confidence: word.confidence,
    ...(word.speaker === undefined ? {} : { speaker: speakers.name(word.speaker) }),
  };
}
