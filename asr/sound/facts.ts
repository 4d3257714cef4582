import type { SoundKind } from '../types.ts';

/** A stretch of one channel in which something other than speech is heard; samples at 8 kHz on the call's timeline. */
export interface Stretch {
  readonly kind: SoundKind;
  readonly startSample: number;
  readonly endSample: number;
}

/** As `SoundLevels`, from the sample at which its first second begins. */
export interface Levels {
  readonly startSample: number;
  readonly levelDbfs: readonly number[];
  readonly pitchHz: readonly (number | null)[];
  readonly speech: readonly number[];
  readonly snrDb: readonly (number | null)[];
}

/** Samples of one frame: that of the voice activity detector, 32 ms. */
export const frameSamples = 256;
/** From here on a frame counts as speech. */
export const speechProbability = 0.5;
