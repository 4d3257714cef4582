/**
 * Partials come in rounds: every so often all that are due at once, so that they share batches, in which a token costs
 * a fifth of what it costs alone. A round is over when nobody is left to be asked; one that takes longer than the
 * interval puts the next one off.
 */
export class Rounds<Owner> {
  readonly #done = new Set<Owner>();
  #begunMs = -Infinity;
  #open = false;

  get isOpen(): boolean {
    return this.#open;
  }

  /** Begins the next round when it is time for it. */
  look(nowMs: number, intervalMs: number): void {
    if (this.#open || nowMs - this.#begunMs < intervalMs) return;
    this.#open = true;
    this.#begunMs = nowMs;
    this.#done.clear();
  }

  /** Has not had its turn in the round that is open. */
  has(owner: Owner): boolean {
    return this.#open && !this.#done.has(owner);
  }

  /** Has had its turn, or wants none. */
  done(owner: Owner): void {
    this.#done.add(owner);
  }

  end(): void {
    this.#open = false;
    this.#done.clear();
  }
}
