import type { Call, LiveCalls, LiveEvent } from '#analytics/types.ts';
import { Emitter } from '#lib/emitter.ts';

/** Running calls as a test tells them: what analytics/ would say, in the order in which it would. */
export class ScriptedCalls implements LiveCalls {
  readonly #emitter = new Emitter<LiveEvent>((error) => {
    throw error;
  });
  readonly #told = new Map<string, LiveEvent[]>();

  tell(event: LiveEvent): void {
    const callId = event.type === 'call' ? event.call.callId : event.callId;
    if (event.type === 'end') this.#told.delete(callId);
    else this.#told.set(callId, [...(this.#told.get(callId) ?? []), event]);
    this.#emitter.emit(event);
  }

  list(): readonly Call[] {
    return [...this.#told.values()]
      .map((events) => events.findLast((event) => event.type === 'call')?.call)
      .filter((call) => call !== undefined)
      .toReversed();
  }

  snapshot(callId: string): readonly LiveEvent[] | undefined {
    return this.#told.get(callId)?.filter((event) => event.type !== 'partial');
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    return this.#emitter.subscribe(listener);
  }
}
