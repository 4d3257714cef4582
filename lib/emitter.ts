import { toError } from './errors.ts';

export type Listener<Event> = (event: Event) => void;

/**
 * One typed stream of events. A listener that throws does not keep the others from hearing: what it threw goes to
 * `onListenerError`. Listeners added or removed while an event is being delivered take effect with the next event.
 */
export class Emitter<Event> {
  #listeners: readonly Listener<Event>[] = [];
  readonly #onListenerError: (error: Error) => void;

  constructor(onListenerError: (error: Error) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Returns the function that unsubscribes. */
  subscribe(listener: Listener<Event>): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  emit(event: Event): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        this.#onListenerError(toError(thrown));
      }
    }
  }

  get listenerCount(): number {
    return this.#listeners.length;
  }
}
