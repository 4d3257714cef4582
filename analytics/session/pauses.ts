import type { CallPause } from '../types.ts';

/**
 * The pauses of one call. Signalling says at once who wants one, and so does each further who wants it as well; media
 * tells where on the timeline it is, later, and once however many want it.
 */
export class Pauses {
  #pauses: readonly CallPause[] = [];
  /** How many want it now, and of pauses that media has not told of yet, who wanted each first. */
  #wishes = 0;
  readonly #wantedBy: string[] = [];

  get all(): readonly CallPause[] {
    return this.#pauses;
  }

  get isWanted(): boolean {
    return this.#wishes > 0;
  }

  wanted(by: string): void {
    if (this.#wishes === 0) this.#wantedBy.push(by);
    this.#wishes += 1;
  }

  notWanted(): void {
    this.#wishes = Math.max(0, this.#wishes - 1);
  }

  paused(fromMs: number): void {
    const by = this.#wantedBy.shift() ?? 'unknown';
    this.#pauses = Object.freeze([...this.#pauses, Object.freeze({ fromMs, toMs: null, by })]);
  }

  /** Also at the end of the call, where nobody resumed it. */
  resumed(toMs: number): void {
    const last = this.#pauses.at(-1);
    if (last === undefined || last.toMs !== null) return;
    this.#pauses = Object.freeze([...this.#pauses.slice(0, -1), Object.freeze({ ...last, toMs })]);
  }
}
