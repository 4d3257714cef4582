import { limit15, type Band } from './g722-band.ts';

/** The inverse quantisers of ITU-T G.722 (11/88), what each code does to its band, and the quadrature mirror filter. */

/** QM6: the level of each 6-bit code of the low band, in 1/32768 of the step. */
const lowLevels = Int16Array.of(
  -136,
  -136,
  -136,
  -136,
  -24808,
  -21904,
  -19008,
  -16704,
  -14984,
  -13512,
  -12280,
  -11192,
  -10232,
  -9360,
  -8576,
  -7856,
  -7192,
  -6576,
  -6000,
  -5456,
  -4944,
  -4464,
  -4008,
  -3576,
  -3168,
  -2776,
  -2400,
  -2032,
  -1688,
  -1360,
  -1040,
  -728,
  24808,
  21904,
  19008,
  16704,
  14984,
  13512,
  12280,
  11192,
  10232,
  9360,
  8576,
  7856,
  7192,
  6576,
  6000,
  5456,
  4944,
  4464,
  4008,
  3576,
  3168,
  2776,
  2400,
  2032,
  1688,
  1360,
  1040,
  728,
  432,
  136,
  -432,
  -136,
);
/** QM4: the level by the code's upper four bits, by which both ends adapt. */
const lowAdaptationLevels = Int16Array.of(
  0,
  -20456,
  -12896,
  -8968,
  -6288,
  -4240,
  -2584,
  -1200,
  20456,
  12896,
  8968,
  6288,
  4240,
  2584,
  1200,
  0,
);
/** WL by RL42. */
const lowStepAdaptation = Int16Array.of(
  -60,
  3042,
  1198,
  538,
  334,
  172,
  58,
  -30,
  3042,
  1198,
  538,
  334,
  172,
  58,
  -30,
  -60,
);
/** QM2 and WH by RH2, of the 2-bit code of the high band. */
const highLevels = Int16Array.of(-7408, -1616, 7408, 1616);
const highStepAdaptation = Int16Array.of(798, -214, 798, -214);

/** Every second coefficient of the mirror filter; the others are the same in reverse. */
export const mirrorTaps = Int16Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);

/** A 6-bit code of the low band: the rebuilt sample, and the band adapted by it. */
export function rebuildLow(band: Band, code: number): number {
  const sample = limit15(band.predicted + ((band.step * (lowLevels[code] as number)) >> 15));
  const coarse = code >> 2;
  const difference = (band.step * (lowAdaptationLevels[coarse] as number)) >> 15;
  band.adaptStep(lowStepAdaptation[coarse] as number);
  band.adaptPredictor(difference);
  return sample;
}

/** A 2-bit code of the high band, likewise. */
export function rebuildHigh(band: Band, code: number): number {
  const difference = (band.step * (highLevels[code] as number)) >> 15;
  const sample = limit15(band.predicted + difference);
  band.adaptStep(highStepAdaptation[code] as number);
  band.adaptPredictor(difference);
  return sample;
}
