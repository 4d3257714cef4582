import { AudioFileFault } from '../fault.ts';
import type { FileWindow } from '../file-window.ts';

/** Ogg pages (RFC 3533 section 6), each checked. */
export interface OggPage {
  readonly offsetBytes: number;
  readonly serial: number;
  readonly sequence: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** The page goes on with the packet that the one before left open. */
  readonly isContinued: boolean;
  /** Of the last sample of the last packet that ends here, in samples at 48 kHz (Opus); -1: none ends. */
  readonly granule: number;
  /** Lengths of the segments; a packet ends with the first below 255. */
  readonly lacing: Uint8Array;
  readonly body: Uint8Array;
}

export const oggHeadBytes = 27;
const mostPageBytes = oggHeadBytes + 255 + 255 * 255;

/** The page where the window stands, and over it; undefined at the end of the file. @throws AudioFileFault */
export async function readOggPage(window: FileWindow, atMs: number | null): Promise<OggPage | undefined> {
  const offset = window.position;
  const bytes = await window.look(mostPageBytes);
  if (bytes.length === 0) return undefined;
  const broken = (what: string): AudioFileFault => new AudioFileFault(what, offset, atMs);
  if (bytes.toString('latin1', 0, 4) !== 'OggS' && bytes.length >= 4)
    throw broken('Ogg with something that is no page');
  if (bytes.length < oggHeadBytes) throw broken('Ogg that breaks off within a page');
  const segments = bytes[26] as number;
  const lacing = bytes.subarray(oggHeadBytes, oggHeadBytes + segments);
  const bodyStart = oggHeadBytes + segments;
  const end = lacing.reduce((sum, length) => sum + length, bodyStart);
  if (end > bytes.length) throw broken('Ogg that breaks off within a page');
  if (oggCrc(bytes, end) !== bytes.readUInt32LE(22)) throw broken('Ogg with a damaged page');
  const flags = bytes[5] as number;
  window.step(end);
  return {
    offsetBytes: offset,
    serial: bytes.readUInt32LE(14),
    sequence: bytes.readUInt32LE(18),
    isContinued: (flags & 1) !== 0,
    isFirst: (flags & 2) !== 0,
    isLast: (flags & 4) !== 0,
    granule: Number(bytes.readBigInt64LE(6)),
    lacing,
    body: bytes.subarray(bodyStart, end),
  };
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let i = 0; i < 8; i++) value = value < 0 ? (value << 1) ^ 0x04c1_1db7 : value << 1;
  return value;
});

/** The page's checksum, taken with its own field as 0. */
function oggCrc(bytes: Uint8Array, end: number): number {
  let crc = 0;
  for (let i = 0; i < end; i++) {
    const byte = i >= 22 && i < 26 ? 0 : (bytes[i] as number);
    crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ byte] as number);
  }
  return crc >>> 0;
}
