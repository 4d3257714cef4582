import { describe, expect, it } from 'vitest';
import { Bursts, type Burst } from './bursts.ts';
import { isTone, predictionGainDb } from './tone.ts';

const quiet = 20;
const loud = 250_000;

function listen(runs: readonly (readonly [number, number])[]): Burst[] {
  const bursts = new Bursts(0);
  const found: Burst[] = [];
  for (const [frames, power] of runs) {
    for (let i = 0; i < frames; i += 1) {
      const burst = bursts.push(power);
      if (burst !== undefined) found.push(burst);
    }
  }
  const last = bursts.flush();
  return last === undefined ? found : [...found, last];
}

describe('Bursts', () => {
  it('finds a short sound, gaps within it included, also when the audio ends with it', () => {
    const word = [
      [20, quiet],
      [4, loud],
      [3, quiet],
      [4, loud],
    ] as const;
    const burst = { startSample: 20 * 256, endSample: 31 * 256 };
    expect(listen([...word, [20, quiet]])).toEqual([burst]);
    expect(listen(word)).toEqual([burst]);
  });

  it('passes over clicks, long sounds and steady noise', () => {
    expect(
      listen([
        [20, quiet],
        [2, loud],
        [20, quiet],
      ]),
    ).toEqual([]);
    expect(
      listen([
        [20, quiet],
        [80, loud],
        [20, quiet],
      ]),
    ).toEqual([]);
    expect(listen([[200, loud]])).toEqual([]);
  });

  it('says from where on a sound is going on, so that nothing before its end is called decided', () => {
    const bursts = new Bursts(0);
    for (let i = 0; i < 10; i += 1) bursts.push(quiet);
    bursts.push(loud);
    expect(bursts.startSample).toBe(10 * 256);
  });
});

describe('isTone', () => {
  const sound = (value: (seconds: number) => number): Int16Array =>
    Int16Array.from({ length: 4000 }, (_, at) => Math.round(value(at / 8000) / 8) * 8);
  const sine = (hz: number, seconds: number): number => Math.sin(2 * Math.PI * hz * seconds);

  it('knows ringback and fax tones', () => {
    expect(isTone(sound((s) => 5000 * (sine(440, s) + sine(480, s))))).toBe(true);
    expect(isTone(sound((s) => 5000 * sine(1100, s)))).toBe(true);
  });

  it('takes no voice for one, and no silence', () => {
    // A vowel of sorts: the harmonics of 120 Hz under two formants, with a slow change of pitch.
    const vowel = sound((s) => {
      let sum = 0;
      for (let k = 1; k < 25; k += 1) {
        const hz = k * (120 + 10 * Math.sin(20 * s));
        sum += (2000 / (1 + ((hz - 600) / 150) ** 2) + 1200 / (1 + ((hz - 1700) / 200) ** 2)) * sine(hz, s);
      }
      return sum;
    });
    expect(isTone(vowel)).toBe(false);
    expect(predictionGainDb(new Int16Array(4000))).toBe(0);
  });
});
