/** So much sound beyond what can have been spoken is no network that was held up: the sender is closed. */
const mostDroppedMs = 60_000;

/** What one socket sends faster than it can have been spoken is dropped: told of once, and borne for a minute of it. */
export class TooFast {
  readonly #onFirst: () => void;
  readonly #onFlood: () => void;
  #droppedMs = 0;

  constructor(onFirst: () => void, onFlood: () => void) {
    this.#onFirst = onFirst;
    this.#onFlood = onFlood;
  }

  dropped(ms: number): void {
    if (this.#droppedMs === 0) this.#onFirst();
    this.#droppedMs += ms;
    if (this.#droppedMs > mostDroppedMs) this.#onFlood();
  }
}
