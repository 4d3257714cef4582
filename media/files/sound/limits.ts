import { AudioFileFault } from './fault.ts';
import { highestRateHz, lowestRateHz } from './sound-source.ts';

/** @throws AudioFileFault */
export function channelsOf(count: number, offsetBytes: number): 1 | 2 {
  if (count === 1 || count === 2) return count;
  throw new AudioFileFault(`${count} channels: one or two are taken`, offsetBytes);
}

/** @throws AudioFileFault */
export function rateOf(sampleRateHz: number, offsetBytes: number): number {
  if (sampleRateHz >= lowestRateHz && sampleRateHz <= highestRateHz) return sampleRateHz;
  throw new AudioFileFault(`${sampleRateHz} Hz: ${lowestRateHz} to ${highestRateHz} Hz are taken`, offsetBytes);
}
