interface Voice {
  readonly program: 'espeak-ng' | 'flite';
  readonly name: string;
  /** Words per minute (espeak-ng) or stretch in percent (flite). */
  readonly pace: number;
}

/** Voices of the calls, by number. The first four are for developing, the others for judging alone. */
export const voices: readonly Voice[] = [
  { program: 'espeak-ng', name: 'en-us', pace: 150 },
  { program: 'flite', name: 'kal', pace: 110 },
  { program: 'espeak-ng', name: 'en-gb', pace: 145 },
  { program: 'flite', name: 'kal16', pace: 105 },
  { program: 'flite', name: 'slt', pace: 105 },
  { program: 'flite', name: 'rms', pace: 100 },
  { program: 'flite', name: 'awb', pace: 110 },
  { program: 'espeak-ng', name: 'en-gb-x-rp', pace: 150 },
  { program: 'espeak-ng', name: 'en-gb-scotland', pace: 140 },
  { program: 'espeak-ng', name: 'en-us+f2', pace: 150 },
  { program: 'espeak-ng', name: 'en-us+m3', pace: 145 },
  { program: 'espeak-ng', name: 'en-gb+f4', pace: 150 },
  { program: 'espeak-ng', name: 'en-us+Annie', pace: 145 },
  { program: 'espeak-ng', name: 'en-us+michael', pace: 150 },
  { program: 'espeak-ng', name: 'en-gb+Andrea', pace: 145 },
  { program: 'espeak-ng', name: 'en-029', pace: 150 },
];
export const developmentVoices = 4;
