import type { LiveEvent } from '#analytics/types.ts';

export interface NumberedEvent {
  readonly seq: number;
  readonly event: LiveEvent;
}

export function callIdOf(event: LiveEvent): string {
  return event.type === 'call' ? event.call.callId : event.callId;
}

/**
 * The last events, for a watcher that comes back with Last-Event-ID. Bounded in number. What was rewritten by late
 * redaction must not be heard from here again: a new revision of an utterance takes out the older ones, and the
 * partials of its call.
 */
export class ReplayBuffer {
  #events: NumberedEvent[] = [];
  #nextSeq = 1;
  /** The highest seq that has left the buffer by age: whoever knows less than that cannot be caught up. */
  #lostUpToSeq = 0;
  readonly #maxEvents: number;

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  push(event: LiveEvent): NumberedEvent {
    if (event.type === 'utterance') this.#forgetReplaced(event.callId, event.segmentId, event.utterance);
    const numbered: NumberedEvent = { seq: this.#nextSeq++, event };
    this.#events.push(numbered);
    if (this.#events.length > this.#maxEvents * 2) {
      const gone = this.#events.splice(0, this.#events.length - this.#maxEvents);
      this.#lostUpToSeq = gone.at(-1)?.seq ?? this.#lostUpToSeq;
    }
    return numbered;
  }

  /** Events after `seq`, or undefined when some of them are no longer here. */
  since(seq: number): readonly NumberedEvent[] | undefined {
    if (seq < this.#lostUpToSeq || seq >= this.#nextSeq) return undefined;
    return this.#events.filter((numbered) => numbered.seq > seq);
  }

  /** A deleted call is not heard of again. */
  forgetCall(callId: string): void {
    this.#events = this.#events.filter(({ event }) => callIdOf(event) !== callId);
  }

  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  #forgetReplaced(
    callId: string,
    segmentId: string | null,
    utterance: { readonly utteranceId: string; readonly revision: number },
  ): void {
    this.#events = this.#events.filter(({ event }) => {
      if (event.type === 'partial' && event.callId === callId) {
        return utterance.revision === 1 && event.segmentId !== segmentId;
      }
      return event.type !== 'utterance' || event.utterance.utteranceId !== utterance.utteranceId;
    });
  }
}
