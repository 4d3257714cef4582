/** The audio of one channel that may still be needed: a window of samples that grows at its end and shrinks at its start. */
export class SampleBuffer {
  #data = new Int16Array(16_384);
  #length = 0;
  #startSample: number;

  constructor(startSample: number) {
    this.#startSample = startSample;
  }

  get startSample(): number {
    return this.#startSample;
  }

  get endSample(): number {
    return this.#startSample + this.#length;
  }

  append(pcm: Int16Array): void {
    if (this.#length + pcm.length > this.#data.length) {
      const grown = new Int16Array(Math.max(this.#data.length * 2, this.#length + pcm.length));
      grown.set(this.#data.subarray(0, this.#length));
      this.#data = grown;
    }
    this.#data.set(pcm, this.#length);
    this.#length += pcm.length;
  }

  /** A view, good until the next `append` or `dropBefore`. Cut to what is held. */
  view(startSample: number, endSample: number): Int16Array {
    const from = Math.max(0, startSample - this.#startSample);
    return this.#data.subarray(from, Math.max(from, Math.min(this.#length, endSample - this.#startSample)));
  }

  /** A copy of exactly this stretch, with zeros where nothing is held. */
  stretch(startSample: number, endSample: number): Int16Array {
    const whole = new Int16Array(endSample - startSample);
    const from = Math.max(startSample, this.#startSample);
    if (from < endSample) whole.set(this.view(from, endSample), from - startSample);
    return whole;
  }

  dropBefore(sample: number): void {
    const dropped = Math.min(this.#length, sample - this.#startSample);
    // Moving a second at a time keeps the copying rare.
    if (dropped < 8000) return;
    this.#data.copyWithin(0, dropped, this.#length);
    this.#length -= dropped;
    this.#startSample += dropped;
  }

  /** Empty again, from another sample on. */
  restart(startSample: number): void {
    this.#length = 0;
    this.#startSample = startSample;
  }
}
