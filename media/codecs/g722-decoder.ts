import { G722Decoder, g722SampleRateHz, g722SamplesPerByte } from '#lib/audio/g722.ts';
import { StreamResampler } from '#lib/audio/resample.ts';
import type { StreamDecoder } from './types.ts';

const nothing = new Int16Array(0);
/** At 16 kHz. More than half of the resampler's filter, so that each payload's samples come out at once, 4 ms late. */
const leadSamples = 64;

/**
 * G.722 to 8 kHz: decoded to 16 kHz and brought down by our own filter. The codec's low band alone is a stream at 8 kHz
 * already, but its mirror filter is only right together with the high band: measured, tones of 4.1 to 4.6 kHz (sibilants)
 * lie in it at 3.9 to 3.4 kHz, only 4 to 11 dB down; the filter puts them more than 40 dB down.
 *
 * After a loss its state is kept and fed on (lib/audio/g722.ts): the channel fills the hole.
 */
export class G722StreamDecoder implements StreamDecoder {
  readonly #decoder = new G722Decoder();
  readonly #resampler = new StreamResampler(g722SampleRateHz);
  #wide: Int16Array = nothing;

  constructor() {
    this.#resampler.push(new Int16Array(leadSamples));
  }

  decode(bytes: Uint8Array, start: number, end: number): Int16Array {
    const count = (end - start) * g722SamplesPerByte;
    if (count > this.#wide.length) this.#wide = new Int16Array(count);
    this.#decoder.decode(bytes, start, end, this.#wide);
    return this.#resampler.push(this.#wide.subarray(0, count));
  }

  close(): void {
    // Nothing is held.
  }
}
