import { BitReader } from './bits.ts';
import { crc16, crc8 } from './crc.ts';
import { readSubframe } from './subframe.ts';

export const mostBlockSamples = 65_536;

export interface FlacStream {
  readonly channels: 1 | 2;
  readonly sampleBits: number;
}

/** Why a frame cannot be read. `cut`: it goes on past the end of what there is. */
export type FrameFault = 'cut' | 'no-frame' | 'damaged' | 'another-format';

export interface FlacFrame {
  bytes: number;
  samples: number;
}

const leftSide = 8;
const sideRight = 9;
const midSide = 10;

/**
 * Decodes the frame at `bytes[0]` (RFC 9639 section 9) into `out`, an array a channel of `mostBlockSamples`, and tells
 * how long it was in `frame`.
 */
export function readFrame(
  bytes: Uint8Array,
  { channels, sampleBits }: FlacStream,
  out: readonly Float64Array[],
  frame: FlacFrame,
): FrameFault | undefined {
  if (bytes.length < 6) return 'cut';
  const reader = new BitReader(bytes, 0, bytes.length);
  if (reader.unsigned(15) !== 0x7ffc) return 'no-frame';
  reader.unsigned(1);
  const sizeCode = reader.unsigned(4);
  const rateCode = reader.unsigned(4);
  const assignment = reader.unsigned(4);
  const bitsCode = reader.unsigned(3);
  if (reader.unsigned(1) !== 0 || sizeCode === 0 || rateCode === 15 || bitsCode === 3 || assignment > midSide) {
    return 'no-frame';
  }
  if (!skipNumber(reader)) return 'no-frame';
  const samples = blockSamples(sizeCode, reader);
  reader.unsigned(rateCode === 12 ? 8 : rateCode === 13 || rateCode === 14 ? 16 : 0);
  if (reader.overrun) return 'cut';
  const headBytes = reader.bytePosition;
  if (crc8(bytes, 0, headBytes) !== reader.unsigned(8)) return 'damaged';
  const bits = [sampleBits, 8, 12, 0, 16, 20, 24, 32][bitsCode];
  if (bits !== sampleBits || channels !== (assignment < leftSide ? assignment + 1 : 2)) return 'another-format';

  for (let channel = 0; channel < channels; channel++) {
    const isSide = assignment === sideRight ? channel === 0 : assignment >= leftSide && channel === 1;
    const read = readSubframe(reader, sampleBits + (isSide ? 1 : 0), out[channel] as Float64Array, samples);
    if (!read) return reader.overrun ? 'cut' : 'damaged';
  }
  reader.toByte();
  const end = reader.bytePosition;
  const told = reader.unsigned(16);
  if (reader.overrun) return 'cut';
  if (crc16(bytes, 0, end) !== told) return 'damaged';
  if (assignment >= leftSide) unmix(assignment, out[0] as Float64Array, out[1] as Float64Array, samples);
  frame.bytes = end + 2;
  frame.samples = samples;
  return undefined;
}

/** The frame's or first sample's number, in the manner of UTF-8, 1 to 7 bytes. */
function skipNumber(reader: BitReader): boolean {
  const first = reader.unsigned(8);
  const ones = Math.clz32(~(first << 24));
  if (ones === 1 || ones > 7) return false;
  for (let i = 1; i < ones; i++) if (reader.unsigned(8) >> 6 !== 2) return false;
  return true;
}

function blockSamples(code: number, reader: BitReader): number {
  if (code === 1) return 192;
  if (code <= 5) return 144 << code;
  if (code === 6) return reader.unsigned(8) + 1;
  if (code === 7) return reader.unsigned(16) + 1;
  return 1 << code;
}

/** Sections 4.2 and 9.1.3: one channel, or the middle, and the difference. */
function unmix(assignment: number, first: Float64Array, second: Float64Array, samples: number): void {
  for (let i = 0; i < samples; i++) {
    const a = first[i] as number;
    const b = second[i] as number;
    if (assignment === leftSide) second[i] = a - b;
    else if (assignment === sideRight) first[i] = a + b;
    else {
      const twice = 2 * a + (b & 1);
      first[i] = (twice + b) / 2;
      second[i] = (twice - b) / 2;
    }
  }
}
