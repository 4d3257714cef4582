import { decodeMulaw } from './mulaw.ts';

/**
 * The first channel of a WAV file at 8 kHz: 16-bit PCM or mu-law, at 8 or 16 kHz. Throws a RangeError on any other.
 */
export function decodeWav(file: Buffer): Int16Array {
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') {
    throw new RangeError('not a WAV file');
  }
  let format = file.subarray(0, 0);
  for (let offset = 12; offset + 8 <= file.length;) {
    const id = file.toString('latin1', offset, offset + 4);
    const length = file.readUInt32LE(offset + 4);
    const body = file.subarray(offset + 8, offset + 8 + length);
    if (id === 'fmt ') format = body;
    if (id === 'data' && format.length >= 16) return samplesOf(format, body);
    offset += 8 + length + (length % 2);
  }
  throw new RangeError('a WAV file without audio');
}

function samplesOf(format: Buffer, data: Buffer): Int16Array {
  const [coding, channels, rateHz] = [format.readUInt16LE(0), format.readUInt16LE(2), format.readUInt32LE(4)];
  const bits = format.readUInt16LE(14);
  const isMulaw = coding === 7 && bits === 8;
  if (channels < 1 || (rateHz !== 8000 && rateHz !== 16_000) || !(isMulaw || (coding === 1 && bits === 16))) {
    throw new RangeError('only 16-bit PCM and mu-law WAV at 8 or 16 kHz can be read');
  }
  const bytes = isMulaw ? 1 : 2;
  const pcm = new Int16Array(Math.floor(data.length / (bytes * channels)));
  for (let index = 0; index < pcm.length; index++) {
    const at = index * bytes * channels;
    pcm[index] = isMulaw ? decodeMulaw(data[at] ?? 0) : data.readInt16LE(at);
  }
  return rateHz === 16_000 ? halve(pcm) : pcm;
}

const taps = Float32Array.from({ length: 31 }, (_, index) => {
  const distance = index - 15;
  const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / 16);
  const sinc = distance === 0 ? 1 : Math.sin((Math.PI * distance) / 2) / ((Math.PI * distance) / 2);
  return (sinc * window) / 2;
});

/** 16 to 8 kHz by a half-band FIR. */
function halve(pcm: Int16Array): Int16Array {
  const out = new Int16Array(Math.floor(pcm.length / 2));
  for (let index = 0; index < out.length; index++) {
    let sum = 0;
    for (let tap = 0; tap < taps.length; tap++) sum += (taps[tap] ?? 0) * (pcm[2 * index + tap - 15] ?? 0);
    out[index] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return out;
}
