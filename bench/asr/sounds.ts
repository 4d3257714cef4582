import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '#lib/testing/random.ts';
import { decodeFile, overTheLine } from './clips.ts';

/** Sounds of a telephone line that hold no word, as 8 kHz PCM over G.711. */
export interface Sound {
  readonly name: string;
  /** Exactly `seconds` long. */
  make(seconds: number): Int16Array;
}

interface Beat {
  readonly hz: readonly number[];
  readonly ms: number;
}

const mohFolder = '/usr/share/asterisk/moh';

export function allSounds(): Sound[] {
  return [
    { name: 'digital silence', make: (seconds) => new Int16Array(seconds * 8000) },
    { name: 'line noise, -60 dBFS', make: (seconds) => noise(seconds, 0.001) },
    { name: 'white noise, -30 dBFS', make: (seconds) => noise(seconds, 0.0316) },
    { name: 'white noise, -18 dBFS', make: (seconds) => noise(seconds, 0.126) },
    { name: 'pink noise, -24 dBFS', make: (seconds) => pinkNoise(seconds, 0.063) },
    tones('ringback US (440+480, 2/4 s)', [beat([440, 480], 2000), beat([], 4000)]),
    tones('ringback UK (400+450, .4/.2/.4/2 s)', [
      beat([400, 450], 400),
      beat([], 200),
      beat([400, 450], 400),
      beat([], 2000),
    ]),
    tones('ringback DE (425, 1/4 s)', [beat([425], 1000), beat([], 4000)]),
    tones('busy US (480+620, .5/.5 s)', [beat([480, 620], 500), beat([], 500)]),
    tones('fax CNG (1100, .5/3 s)', [beat([1100], 500), beat([], 3000)]),
    tones('fax CED (2100, 3.3/1 s)', [beat([2100], 3300), beat([], 1000)]),
    tones('DTMF (16 keys, 100/100 ms)', dtmfBeats()),
    ...musicOnHold(),
  ];
}

function beat(hz: readonly number[], ms: number): Beat {
  return { hz, ms };
}

function dtmfBeats(): Beat[] {
  const low = [697, 770, 852, 941];
  const high = [1209, 1336, 1477, 1633];
  return low.flatMap((row) => high.flatMap((column) => [beat([row, column], 100), beat([], 100)]));
}

/** At -16 dBFS a tone, over a quiet line. */
function tones(name: string, beats: readonly Beat[]): Sound {
  return {
    name,
    make: (seconds) => {
      const pcm = new Int16Array(seconds * 8000);
      const random = seededRandom(7);
      let at = 0;
      for (let turn = 0; at < pcm.length; turn += 1) {
        const { hz, ms } = beats[turn % beats.length] ?? beat([], 1000);
        const end = Math.min(pcm.length, at + ms * 8);
        for (; at < end; at += 1) {
          let value = (random() - 0.5) * 16;
          for (const each of hz) value += 5200 * Math.sin((2 * Math.PI * each * at) / 8000);
          pcm[at] = Math.round(value);
        }
      }
      return overTheLine(pcm);
    },
  };
}

/** `level`: RMS of full scale. */
function noise(seconds: number, level: number): Int16Array {
  const random = seededRandom(11);
  const scale = level * 32_768 * Math.sqrt(12);
  return overTheLine(Int16Array.from({ length: seconds * 8000 }, () => clip((random() - 0.5) * scale)));
}

/** White noise through a bank of one-pole filters an octave apart: -3 dB an octave. */
function pinkNoise(seconds: number, level: number): Int16Array {
  const random = seededRandom(13);
  const poles = [0.998, 0.99, 0.96, 0.85, 0.5];
  const state = poles.map(() => 0);
  const raw = Float64Array.from({ length: seconds * 8000 }, () => {
    const white = random() - 0.5;
    let sum = white * 0.2;
    poles.forEach((pole, index) => {
      const next = pole * (state[index] ?? 0) + (1 - pole) * white * 4;
      state[index] = next;
      sum += next;
    });
    return sum;
  });
  const rms = Math.sqrt(raw.reduce((sum, value) => sum + value * value, 0) / raw.length);
  return overTheLine(Int16Array.from(raw, (value) => clip((value / rms) * level * 32_768)));
}

function clip(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}

/** The pieces of Debian's asterisk-moh-opsound-wav, over and over; none where the package is not installed. */
function musicOnHold(): Sound[] {
  let files: string[];
  try {
    files = readdirSync(mohFolder).filter((file) => file.endsWith('.wav'));
  } catch {
    return [];
  }
  return files.map((file) => ({
    name: `music: ${file}`,
    make: (seconds) => {
      const piece = overTheLine(decodeFile(join(mohFolder, file)));
      return Int16Array.from({ length: seconds * 8000 }, (_, at) => piece[at % piece.length] ?? 0);
    },
  }));
}
