import { Band, highBand, lowBand, saturate } from './g722-band.ts';
import { mirrorTaps, rebuildHigh, rebuildLow } from './g722-codes.ts';

const taps = mirrorTaps.length;
/** Q6: the decision levels of the low band, in 1/4096 of the step. */
const lowDecisions = Int16Array.of(
  35,
  72,
  110,
  150,
  190,
  233,
  276,
  323,
  370,
  422,
  473,
  530,
  587,
  650,
  714,
  786,
  858,
  940,
  1023,
  1121,
  1219,
  1339,
  1458,
  1612,
  1765,
  1980,
  2195,
  2557,
  2919,
);
/** Q2 of the high band. */
const highDecision = 564;

/** Encodes 16 kHz to G.722 at 64 kbit/s (ITU-T G.722): what a phone sends, for tests and for senders of test sound. */
export class G722Encoder {
  readonly #low = new Band(lowBand);
  readonly #high = new Band(highBand);
  readonly #line = new Int16Array(2 * taps);

  /** Two samples a byte; a last odd one is left out. */
  encode(pcm: Int16Array): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(pcm.length >> 1);
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.#encodePair(pcm[2 * i] as number, pcm[2 * i + 1] as number);
    return bytes;
  }

  #encodePair(first: number, second: number): number {
    const line = this.#line;
    line.copyWithin(0, 2);
    line[2 * taps - 2] = first;
    line[2 * taps - 1] = second;
    let odd = 0;
    let even = 0;
    for (let tap = 0; tap < taps; tap++) {
      odd += (line[2 * tap] as number) * (mirrorTaps[tap] as number);
      even += (line[2 * tap + 1] as number) * (mirrorTaps[taps - 1 - tap] as number);
    }
    const low = lowCode(this.#low, (even + odd) >> 14);
    const high = highCode(this.#high, (even - odd) >> 14);
    rebuildLow(this.#low, low);
    rebuildHigh(this.#high, high);
    return (high << 6) | low;
  }
}

/** QUANTL. Levels count outward from 0; codes 61 to 32 are the positive ones, 63, 62 and 31 to 4 the negative ones. */
function lowCode(band: Band, sample: number): number {
  const difference = saturate(sample - band.predicted);
  const magnitude = difference < 0 ? -(difference + 1) : difference;
  let level = 0;
  while (level < lowDecisions.length && magnitude >= ((lowDecisions[level] as number) * band.step) >> 12) level++;
  if (difference >= 0) return 61 - level;
  return level < 2 ? 63 - level : 33 - level;
}

/** QUANTH. */
function highCode(band: Band, sample: number): number {
  const difference = saturate(sample - band.predicted);
  const magnitude = difference < 0 ? -(difference + 1) : difference;
  const outer = magnitude >= (highDecision * band.step) >> 12;
  if (difference >= 0) return outer ? 2 : 3;
  return outer ? 0 : 1;
}
