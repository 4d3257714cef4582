/**
 * One sub-band of G.722 (ITU-T G.722, 11/88): the adaptive quantiser's scale factor and the predictor with two poles
 * and six zeros. Decoder and encoder run the same state, so that it is here once. Names in comments are the blocks of
 * the recommendation; all numbers are its 16-bit integers.
 */

/** ILB: 2048 * 2^(n/32). */
const inverseLogarithm = Int16Array.of(
  2048,
  2093,
  2139,
  2186,
  2233,
  2282,
  2332,
  2383,
  2435,
  2489,
  2543,
  2599,
  2656,
  2714,
  2774,
  2834,
  2896,
  2960,
  3025,
  3091,
  3158,
  3228,
  3298,
  3371,
  3444,
  3520,
  3597,
  3676,
  3756,
  3838,
  3922,
  4008,
);
const zeros = 6;
const mostPole2 = 12_288;
const pole1Room = 15_360;

export interface BandKind {
  /** The step size at the start. */
  readonly firstStep: number;
  /** LOGSCH, LOGSCL: the largest logarithm of the scale factor. */
  readonly mostLogScale: number;
  /** SCALEH, SCALEL: how far the inverse logarithm is shifted down, less its whole part. */
  readonly shift: number;
}
export const lowBand: BandKind = { firstStep: 32, mostLogScale: 18_432, shift: 8 };
export const highBand: BandKind = { firstStep: 8, mostLogScale: 22_528, shift: 10 };

export class Band {
  readonly #kind: BandKind;
  /** DET: what the quantiser's levels are multiplied by (in 1/32768). */
  step: number;
  /** S: what the predictor expects next. */
  predicted = 0;
  #logScale = 0;
  #fromZeros = 0;
  #pole1 = 0;
  #pole2 = 0;
  #rebuilt1 = 0;
  #partial1 = 0;
  #partial2 = 0;
  /** The latest six differences, newest first, and the coefficients that belong to them. */
  readonly #differences = new Int32Array(zeros);
  readonly #zeroCoefficients = new Int32Array(zeros);

  constructor(kind: BandKind) {
    this.#kind = kind;
    this.step = kind.firstStep;
  }

  /** LOGSCx and SCALEx. `adaptation`: what the code adds to the logarithm of the scale factor. */
  adaptStep(adaptation: number): void {
    const { mostLogScale, shift } = this.#kind;
    const log = Math.min(Math.max(((this.#logScale * 127) >> 7) + adaptation, 0), mostLogScale);
    this.#logScale = log;
    const fraction = inverseLogarithm[(log >> 6) & 31] as number;
    const down = shift - (log >> 11);
    this.step = (down < 0 ? fraction << -down : fraction >> down) << 2;
  }

  /** The quantised difference of this sample: adapts the predictor and predicts the next sample. */
  adaptPredictor(difference: number): void {
    const rebuilt = saturate(this.predicted + difference);
    const partial = saturate(this.#fromZeros + difference);
    this.#adaptPoles(partial);
    this.#fromZeros = this.#adaptZeros(difference);
    const fromPoles = saturate(
      ((this.#pole1 * saturate(2 * rebuilt)) >> 15) + ((this.#pole2 * saturate(2 * this.#rebuilt1)) >> 15),
    );
    this.#rebuilt1 = rebuilt;
    this.predicted = saturate(fromPoles + this.#fromZeros);
  }

  /** UPPOL2, UPPOL1. */
  #adaptPoles(partial: number): void {
    const alike1 = partial < 0 === this.#partial1 < 0;
    const alike2 = partial < 0 === this.#partial2 < 0;
    const scaled = saturate(this.#pole1 << 2);
    const push = alike1 ? Math.min(-scaled, 32_767) : scaled;
    const wanted2 = (push >> 7) + (alike2 ? 128 : -128) + ((this.#pole2 * 32_512) >> 15);
    this.#pole2 = Math.min(Math.max(wanted2, -mostPole2), mostPole2);
    const most1 = pole1Room - this.#pole2;
    const wanted1 = saturate((alike1 ? 192 : -192) + ((this.#pole1 * 32_640) >> 15));
    this.#pole1 = Math.min(Math.max(wanted1, -most1), most1);
    this.#partial2 = this.#partial1;
    this.#partial1 = partial;
  }

  /** UPZERO, DELAYA, FILTEZ. Returns the zeros' part of the next prediction. */
  #adaptZeros(difference: number): number {
    const differences = this.#differences;
    const coefficients = this.#zeroCoefficients;
    const push = difference === 0 ? 0 : 128;
    const negative = difference < 0;
    for (let i = 0; i < zeros; i++) {
      const alike = (differences[i] as number) < 0 === negative;
      coefficients[i] = saturate((alike ? push : -push) + (((coefficients[i] as number) * 32_640) >> 15));
    }
    let sum = 0;
    for (let i = zeros - 1; i > 0; i--) {
      const earlier = differences[i - 1] as number;
      differences[i] = earlier;
      sum += ((coefficients[i] as number) * saturate(2 * earlier)) >> 15;
    }
    differences[0] = difference;
    return saturate(sum + (((coefficients[0] as number) * saturate(2 * difference)) >> 15));
  }
}

export function saturate(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

/** LIMIT: rebuilt sub-band samples have 15 bits. */
export function limit15(value: number): number {
  return value > 16_383 ? 16_383 : value < -16_384 ? -16_384 : value;
}
