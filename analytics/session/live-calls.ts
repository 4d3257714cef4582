import { Emitter } from '#lib/emitter.ts';
import type { Call, LiveCalls, LiveEvent } from '../types.ts';

/** What a late watcher of one call needs: the last word on each thing, in the order the things first appeared. */
class CallSnapshot {
  readonly #events = new Map<string, LiveEvent>();

  take(event: LiveEvent): void {
    switch (event.type) {
      case 'call':
        this.#events.set('call', event);
        break;
      case 'partial':
        this.#events.delete(`partial ${event.segmentId}`);
        if (event.words.length > 0) this.#events.set(`partial ${event.segmentId}`, event);
        break;
      case 'utterance':
        if (event.segmentId !== null) this.#events.delete(`partial ${event.segmentId}`);
        this.#events.set(event.utterance.utteranceId, event);
        break;
      case 'redaction':
        this.#events.set(event.redaction.redactionId, event);
        break;
      case 'finding':
        this.#events.set(event.finding.findingId, event);
        break;
      case 'metrics':
        this.#events.set('metrics', event);
        break;
      case 'end':
        break;
    }
  }

  get call(): Call | undefined {
    const event = this.#events.get('call');
    return event?.type === 'call' ? event.call : undefined;
  }

  get events(): readonly LiveEvent[] {
    return [...this.#events.values()];
  }
}

/** The running calls as pages and API clients see them. Fed by the sessions; a call leaves with its `end`. */
export class LiveCallBoard implements LiveCalls {
  readonly #calls = new Map<string, CallSnapshot>();
  readonly #emitter: Emitter<LiveEvent>;

  constructor(onListenerError: (error: Error) => void) {
    this.#emitter = new Emitter(onListenerError);
  }

  publish(event: LiveEvent): void {
    const callId = event.type === 'call' ? event.call.callId : event.callId;
    if (event.type === 'end') {
      this.#calls.delete(callId);
    } else {
      let snapshot = this.#calls.get(callId);
      if (snapshot === undefined) this.#calls.set(callId, (snapshot = new CallSnapshot()));
      snapshot.take(event);
    }
    this.#emitter.emit(event);
  }

  list(): readonly Call[] {
    const calls = [...this.#calls.values()].map(({ call }) => call).filter((call) => call !== undefined);
    return calls.toReversed();
  }

  snapshot(callId: string): readonly LiveEvent[] | undefined {
    return this.#calls.get(callId)?.events;
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    return this.#emitter.subscribe(listener);
  }
}
