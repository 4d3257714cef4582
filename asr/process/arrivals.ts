/** When the audio of a channel arrived, so that delays are counted from there and not from a clock of the sender. */
export class Arrivals {
  readonly #ends: number[] = [];
  readonly #timesMs: number[] = [];

  /** All samples before `endSample` are here by `nowMs`. */
  add(endSample: number, nowMs: number): void {
    this.#ends.push(endSample);
    this.#timesMs.push(nowMs);
  }

  /** When the audio up to `sample` was complete; `nowMs` when that is not known. */
  arrivalMs(sample: number, nowMs: number): number {
    const at = this.#ends.findIndex((end) => end >= sample);
    return this.#timesMs[at] ?? nowMs;
  }

  forgetBefore(sample: number): void {
    let count = this.#ends.findIndex((end) => end >= sample);
    if (count < 0) count = this.#ends.length;
    if (count === 0) return;
    this.#ends.splice(0, count);
    this.#timesMs.splice(0, count);
  }
}
