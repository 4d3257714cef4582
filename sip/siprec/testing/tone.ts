import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';
import { tone, tonePower } from '#lib/testing/tones.ts';

/** A tone in mu-law, `samples` long, from sample `from` on: phases of successive calls join. */
export function toneCodes(frequencyHz: number, samples: number, from = 0): Uint8Array<ArrayBuffer> {
  return encodeG711('pcmu', tone(frequencyHz, samples, 8000, from));
}

/** Which of the tones is in the codes; undefined when none stands out. */
export function toneIn(codes: Uint8Array, frequenciesHz: readonly number[]): number | undefined {
  const pcm = decodeG711('pcmu', codes);
  const powers = frequenciesHz.map((frequencyHz) => tonePower(pcm, frequencyHz) / Math.max(1, pcm.length));
  const most = Math.max(...powers);
  const others = powers.filter((each) => each !== most);
  return most > 1e6 && others.every((each) => each < most / 100) ? frequenciesHz[powers.indexOf(most)] : undefined;
}
