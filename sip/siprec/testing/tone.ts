import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';

const rateHz = 8000;

/** A tone in mu-law, `samples` long, from sample `from` on: phases of successive calls join. */
export function toneCodes(frequencyHz: number, samples: number, from = 0): Uint8Array<ArrayBuffer> {
  const pcm = Int16Array.from({ length: samples }, (_, index) =>
    Math.round(8000 * Math.sin((2 * Math.PI * frequencyHz * (from + index)) / rateHz)),
  );
  return encodeG711('pcmu', pcm);
}

/** Which of the tones is in the codes; undefined when none stands out. By Goertzel's algorithm. */
export function toneIn(codes: Uint8Array, frequenciesHz: readonly number[]): number | undefined {
  const pcm = decodeG711('pcmu', codes);
  const powers = frequenciesHz.map((frequencyHz) => power(pcm, frequencyHz));
  const most = Math.max(...powers);
  const others = powers.filter((each) => each !== most);
  return most > 1e6 && others.every((each) => each < most / 100) ? frequenciesHz[powers.indexOf(most)] : undefined;
}

function power(pcm: Int16Array, frequencyHz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * frequencyHz) / rateHz);
  let before = 0;
  let last = 0;
  for (const sample of pcm) {
    const next = sample + turn * last - before;
    before = last;
    last = next;
  }
  return (last * last + before * before - turn * last * before) / Math.max(1, pcm.length);
}
