import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeG711, encodeG711 } from '#lib/audio/g711.ts';
import { seededRandom } from '#lib/testing/random.ts';

/** Sounds of a telephone line as tests need them: 8 kHz, over G.711. */
export interface Beat {
  readonly hz: readonly number[];
  readonly ms: number;
}

export function beat(hz: readonly number[], ms: number): Beat {
  return { hz, ms };
}

/** Beats one after the other over a quiet line; `amplitude` is that of each tone. */
export function tones(beats: readonly Beat[], amplitude = 5200): Int16Array {
  const random = seededRandom(7);
  const pcm = new Int16Array(beats.reduce((sum, { ms }) => sum + ms * 8, 0));
  let at = 0;
  for (const { hz, ms } of beats) {
    for (const end = at + ms * 8; at < end; at += 1) {
      let value = (random() - 0.5) * 16;
      for (const each of hz) value += amplitude * Math.sin((2 * Math.PI * each * at) / 8000);
      pcm[at] = Math.round(value);
    }
  }
  return overTheLine(pcm);
}

export function repeated(times: number, beats: readonly Beat[]): readonly Beat[] {
  return Array.from({ length: times }, () => beats).flat();
}

/** A tune in three voices, a chord every half second, each note with its overtones. */
export function tune(seconds: number, seed = 5): Int16Array {
  const random = seededRandom(seed);
  const scale = [0, 2, 4, 5, 7, 9, 11, 12];
  const pcm = new Float64Array(seconds * 8000);
  for (let from = 0; from < pcm.length; from += 4000) {
    for (let voice = 0; voice < 3; voice += 1) {
      const note = scale[Math.floor(random() * scale.length)]! + 12 * voice;
      const hz = 220 * 2 ** (note / 12);
      for (let n = 0; n < 4000 && from + n < pcm.length; n += 1) {
        const fade = Math.exp(-n / 6000);
        for (let overtone = 1; overtone <= 4; overtone += 1) {
          const phase = (2 * Math.PI * hz * overtone * n) / 8000;
          pcm[from + n] = pcm[from + n]! + (1500 / overtone) * fade * Math.sin(phase);
        }
      }
    }
  }
  return overTheLine(Int16Array.from(pcm, Math.round));
}

/** White noise of this RMS. */
export function noise(samples: number, rms: number, seed = 11): Int16Array {
  const random = seededRandom(seed);
  return Int16Array.from({ length: samples }, () => Math.round((random() - 0.5) * rms * Math.sqrt(12)));
}

export function joined(...parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function overTheLine(pcm: Int16Array): Int16Array {
  return decodeG711('pcmu', encodeG711('pcmu', pcm));
}

/** The recordings of people in the repository. */
export function recordings(): Int16Array[] {
  const folder = join(import.meta.dirname, '../../../test/speech');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.wav'))
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      return new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + (bytes.length & ~1)));
    });
}
