import { AudioFileFault } from './fault.ts';
import type { FileWindow } from './file-window.ts';

/** How samples are written. `u8` counts from 128; the others are little-endian and signed. */
export type WavSamples = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64' | 'pcmu' | 'pcma';
export const sampleBytes: Readonly<Record<WavSamples, number>> = {
  u8: 1,
  s16: 2,
  s24: 3,
  s32: 4,
  f32: 4,
  f64: 8,
  pcmu: 1,
  pcma: 1,
};

export interface WavHead {
  readonly samples: WavSamples;
  readonly channels: number;
  readonly sampleRateHz: number;
  /** Whole frames, never past the end of the file. The window stands on the first. */
  readonly dataBytes: number;
}

/** RIFF format tags (mmreg.h). */
const tagNames: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  0x11: 'IMA ADPCM',
  0x31: 'GSM 6.10',
  0x50: 'MPEG layer 2',
  0x55: 'MP3',
  0x64: 'G.726',
  0x83: 'G.729',
};
const extensible = 0xfffe;
const unknownBytes = 0xffff_ffff;

interface WavFormat {
  readonly samples: WavSamples;
  readonly channels: number;
  readonly sampleRateHz: number;
}

/**
 * Reads the chunks before the samples (RIFF and its 64-bit kind RF64, EBU Tech 3306). A data chunk that gives no length,
 * or one longer than the file, goes to the end of the file: that is how a recorder leaves it that was stopped.
 * @throws AudioFileFault
 */
export async function readWavHead(window: FileWindow): Promise<WavHead> {
  const is64 = (await window.look(12)).toString('latin1', 0, 4) === 'RF64';
  window.step(12);
  let format: WavFormat | undefined;
  let longBytes: number | undefined;
  for (;;) {
    const offset = window.position;
    const head = await window.look(8);
    if (head.length < 8) throw new AudioFileFault('WAV without samples: the file ends among its chunks', offset);
    const id = head.toString('latin1', 0, 4);
    const bytes = head.readUInt32LE(4);
    window.step(8);
    if (id === 'data') {
      if (format === undefined) throw new AudioFileFault('WAV with samples before their format', offset);
      const told = is64 && bytes === unknownBytes ? longBytes : bytes;
      return { ...format, dataBytes: lengthOf(told, format, window.remainingBytes) };
    }
    if (bytes > window.remainingBytes) throw new AudioFileFault('WAV with a chunk longer than the file', offset);
    if (id === 'fmt ') format = parseFormat((await window.look(Math.min(bytes, 40))).subarray(0, bytes), offset);
    if (id === 'ds64') longBytes = parseLongBytes(await window.look(Math.min(bytes, 16)), bytes, offset);
    window.step(bytes + (bytes % 2));
  }
}

/** A length of 0 with something behind it was never filled in. */
function lengthOf(told: number | undefined, { samples, channels }: WavFormat, remainingBytes: number): number {
  const known = told !== undefined && told !== 0 && told !== unknownBytes;
  const bytes = known ? Math.min(told, remainingBytes) : remainingBytes;
  return bytes - (bytes % (sampleBytes[samples] * channels));
}

function parseLongBytes(body: Buffer, bytes: number, offset: number): number {
  if (bytes < 16 || body.length < 16) throw new AudioFileFault('RF64 with a cut ds64 chunk', offset);
  return Number(body.readBigUInt64LE(8));
}

function parseFormat(body: Buffer, offset: number): WavFormat {
  if (body.length < 16) throw new AudioFileFault('WAV with a cut format chunk', offset);
  const outerTag = body.readUInt16LE(0);
  const channels = body.readUInt16LE(2);
  const sampleRateHz = body.readUInt32LE(4);
  const frameBytes = body.readUInt16LE(12);
  const bits = body.readUInt16LE(14);
  // WAVE_FORMAT_EXTENSIBLE keeps the tag in the first two bytes of its sub-format.
  const tag = outerTag === extensible && body.length >= 26 ? body.readUInt16LE(24) : outerTag;
  const samples = samplesOf(tag, bits);
  if (samples === undefined) {
    const name = tagNames[tag] ?? `format 0x${tag.toString(16)} of ${bits} bit`;
    throw new AudioFileFault(`WAV of ${name}: PCM of 8 to 32 bit, float, mu-law and A-law are read`, offset);
  }
  if (channels === 0 || frameBytes !== channels * sampleBytes[samples]) {
    throw new AudioFileFault('WAV whose format contradicts itself', offset);
  }
  return { samples, channels, sampleRateHz };
}

function samplesOf(tag: number, bits: number): WavSamples | undefined {
  if (tag === 1) return ({ 8: 'u8', 16: 's16', 24: 's24', 32: 's32' } as const)[bits];
  if (tag === 3) return ({ 32: 'f32', 64: 'f64' } as const)[bits];
  if (bits !== 8) return undefined;
  return ({ 6: 'pcma', 7: 'pcmu' } as const)[tag];
}
