import { writtenSpans } from '#asr/numbers/written.ts';
import type { AsrEvent, Word } from '#asr/types.ts';
import { createRedactor } from '#analytics/redaction/redactor.ts';
import type { RedactionRow, Redactor, RedactorOutput } from '#analytics/redaction/types.ts';
import { talkSides, type ChannelSide } from '#sip/types.ts';
import { gather } from './clean.ts';

/** A call told turn by turn, 300 ms a word, one side at a time, to look at what the redactor gives out when. */
export class LiveCall {
  readonly redactor: Redactor;
  readonly #sides: ChannelSide[];
  nowMs = 1000;
  #count = 0;

  constructor(holdMs = 30_000, sides: readonly ChannelSide[] = talkSides) {
    this.redactor = createRedactor({ holdMs, sides });
    this.#sides = [...sides];
  }

  /** Somebody takes part from now on. */
  join(side: ChannelSide): void {
    this.#sides.push(side);
    this.redactor.addSide(side, this.nowMs);
  }

  /** One whole turn; all outputs up to its end. */
  say(side: ChannelSide, text: string, pauseMs = 700, confidence = 0.9): RedactorOutput[] {
    const { words, startMs, segmentId } = this.#speak(text, pauseMs, confidence);
    const endMs = this.nowMs;
    const final: AsrEvent = {
      type: 'final',
      callId: 'call',
      side,
      segmentId,
      startMs,
      endMs,
      text,
      words,
      confidence,
      language: 'en',
      written: writtenSpans(words),
    };
    return [this.#heard(final), ...this.quiet(0)];
  }

  /** Words of a segment that goes on; what may be shown of it after each. */
  begin(side: ChannelSide, text: string, pauseMs = 700): string[] {
    const { words, segmentId } = this.#speak(text, pauseMs, 0.9);
    const shown: string[] = [];
    for (let count = 1; count <= words.length; count++) {
      const event: AsrEvent = { type: 'partial', callId: 'call', side, segmentId, words: words.slice(0, count) };
      const partial = this.#heard(event).partials.find((of) => of.side === side);
      if (partial) shown.push(partial.words.map((word) => word.text).join(' '));
    }
    return shown;
  }

  /** Nobody speaks. */
  quiet(lengthMs: number): RedactorOutput[] {
    const outputs: RedactorOutput[] = [];
    const untilMs = this.nowMs + lengthMs;
    for (this.nowMs = Math.min(this.nowMs + 500, untilMs); ; this.nowMs = Math.min(this.nowMs + 500, untilMs)) {
      for (const side of this.#sides) {
        outputs.push(
          this.#heard({ type: 'progress', callId: 'call', side, decidedMs: this.nowMs, heardMs: this.nowMs }),
        );
      }
      if (this.nowMs >= untilMs) return outputs;
    }
  }

  /** Speech without text, or audio never heard. */
  lost(type: 'no-words' | 'unheard', side: ChannelSide, lengthMs: number): RedactorOutput[] {
    const startMs = this.nowMs + 700;
    const endMs = startMs + lengthMs;
    this.nowMs = endMs;
    const segmentId = `segment-${this.#count++}`;
    const event: AsrEvent =
      type === 'unheard'
        ? { type, callId: 'call', side, startMs, endMs }
        : { type, callId: 'call', side, segmentId, startMs, endMs };
    return [this.#heard(event), ...this.quiet(0)];
  }

  /** Sound of all sides lost before anybody heard it. */
  drop(lengthMs: number): RedactorOutput[] {
    const startMs = this.nowMs;
    this.nowMs += lengthMs;
    return [this.redactor.dropped(startMs, this.nowMs), ...this.quiet(0)];
  }

  /** All sides have ended, and the call with them. */
  end(): RedactorOutput[] {
    const finished = this.#sides.map((side) =>
      this.#heard({ type: 'finished', callId: 'call', side, endMs: this.nowMs }),
    );
    return [...finished, this.redactor.finish()];
  }

  #heard(event: AsrEvent): RedactorOutput {
    return this.redactor.heard(event);
  }

  #speak(text: string, pauseMs: number, confidence: number): { words: Word[]; startMs: number; segmentId: string } {
    const startMs = this.nowMs + pauseMs;
    this.nowMs = startMs;
    const words = text.split(' ').map((word): Word => {
      const from = this.nowMs;
      this.nowMs += 300;
      return { text: word, startMs: from, endMs: from + 280, confidence };
    });
    return { words, startMs, segmentId: `segment-${this.#count++}` };
  }
}

export function rowsOf(outputs: readonly RedactorOutput[]): Omit<RedactionRow, 'row'>[] {
  return gather(outputs).rows.map(({ kind, side, startMs, endMs, reason }) => ({ kind, side, startMs, endMs, reason }));
}

export function textsOf(outputs: readonly RedactorOutput[]): string[] {
  return outputs.flatMap(({ released }) => released.map(({ text }) => text));
}
