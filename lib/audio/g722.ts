import { Band, highBand, lowBand, saturate } from './g722-band.ts';
import { mirrorTaps, rebuildHigh, rebuildLow } from './g722-codes.ts';

export const g722SampleRateHz = 16_000;
export const g722SamplesPerByte = 2;
const taps = mirrorTaps.length;
/** The filter's past is kept in front of what it runs over, so that it is moved once in so many bytes. */
const lineBytes = 480;

/**
 * Decodes G.722 at 64 kbit/s (ITU-T G.722 mode 1, what RTP carries: RFC 3551 section 4.5.2) to 16 kHz. Any byte is a
 * code; state goes from each to the next. After lost bytes it is simply fed on: scale factors and predictors leak (by
 * 1/128 and 1/256 a sample), so that the state runs back to the sender's within some 100 ms, most of it in the first 20.
 */
export class G722Decoder {
  readonly #low = new Band(lowBand);
  readonly #high = new Band(highBand);
  /** Sums and differences of the two bands. */
  readonly #sums = new Int32Array(taps - 1 + lineBytes);
  readonly #differences = new Int32Array(taps - 1 + lineBytes);

  /** Writes two samples a byte into `pcm[0..]`; returns how many. */
  decode(bytes: Uint8Array, start: number, end: number, pcm: Int16Array): number {
    let written = 0;
    for (let from = start; from < end; from += lineBytes) {
      written = this.#decodeLine(bytes, from, Math.min(from + lineBytes, end), pcm, written);
    }
    return written;
  }

  #decodeLine(bytes: Uint8Array, start: number, end: number, pcm: Int16Array, written: number): number {
    const sums = this.#sums;
    const differences = this.#differences;
    let out = written;
    for (let i = start; i < end; i++) {
      const code = bytes[i] as number;
      const low = rebuildLow(this.#low, code & 0x3f);
      const high = rebuildHigh(this.#high, code >> 6);
      const at = i - start;
      sums[at + taps - 1] = low + high;
      differences[at + taps - 1] = low - high;
      let first = 0;
      let second = 0;
      for (let tap = 0; tap < taps; tap++) {
        first += (differences[at + tap] as number) * (mirrorTaps[taps - 1 - tap] as number);
        second += (sums[at + tap] as number) * (mirrorTaps[tap] as number);
      }
      pcm[out++] = saturate(first >> 11);
      pcm[out++] = saturate(second >> 11);
    }
    const length = end - start;
    sums.copyWithin(0, length, length + taps - 1);
    differences.copyWithin(0, length, length + taps - 1);
    return out;
  }
}
