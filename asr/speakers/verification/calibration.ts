import { readFileSync } from 'node:fs';

/** Log odds that two voices are one: `offset + slope * score`, both straight in the logarithm of the seconds heard. */
export interface Calibration {
  readonly offset: number;
  readonly offsetByLogS: number;
  readonly slope: number;
  readonly slopeByLogS: number;
}

/** Written by asr/training/speakers/calibrate.ts from speakers that the model was not trained on. */
const own = JSON.parse(readFileSync(new URL('../weights/calibration.json', import.meta.url), 'utf8')) as Calibration & {
  readonly modelId: string;
};
/** Of a model that nobody has calibrated here: no surer than its usual threshold of 0.5 lets one be. */
const uncalibrated: Calibration = { offset: -5, offsetByLogS: 0, slope: 10, slopeByLogS: 0 };

export function calibrationOf(modelId: string): Calibration {
  return modelId === own.modelId ? own : uncalibrated;
}

/** Longer stretches than were fitted on count as this. */
const mostS = 10;

/** 0..1, where as many pairs are of one speaker as are not. */
export function probabilityOf(score: number, speechS: number, calibration: Calibration): number {
  const logS = Math.log(Math.min(speechS, mostS));
  const offset = calibration.offset + calibration.offsetByLogS * logS;
  const slope = calibration.slope + calibration.slopeByLogS * logS;
  return 1 / (1 + Math.exp(-(offset + slope * score)));
}
