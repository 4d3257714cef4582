import { CaptureFault } from './fault.ts';
import { maxFrameBytes, type CaptureRecord, type RecordDecoder, type RecordStep } from './record.ts';

/**
 * The classic format (draft-ietf-opsawg-pcap): a file header of 24 bytes, then records of 16 and the frame. The magic
 * number tells the byte order and whether the fraction of a timestamp counts micro- or nanoseconds.
 */
const fileHeaderBytes = 24;
const recordHeaderBytes = 16;
const micros = 0xa1b2c3d4;
const nanos = 0xa1b23c4d;

export function isPcap(bytes: Buffer): boolean {
  return bytes.length >= 4 && byteOrder(bytes) !== undefined;
}

function byteOrder(bytes: Buffer): { readonly little: boolean; readonly fractions: number } | undefined {
  for (const little of [false, true]) {
    const magic = little ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0);
    if (magic === micros) return { little, fractions: 1e6 };
    if (magic === nanos) return { little, fractions: 1e9 };
  }
  return undefined;
}

export class PcapDecoder implements RecordDecoder {
  readonly #little: boolean;
  readonly #fractions: number;
  readonly #linkType: number;
  usedBytes = 0;

  /** @throws CaptureFault when `head`, the file's first 24 bytes, is no header that can be read */
  constructor(head: Buffer) {
    const order = head.length < fileHeaderBytes ? undefined : byteOrder(head);
    if (order === undefined) throw new CaptureFault('the pcap header is not whole', 0);
    this.#little = order.little;
    this.#fractions = order.fractions;
    const major = order.little ? head.readUInt16LE(4) : head.readUInt16BE(4);
    if (major !== 2) throw new CaptureFault(`pcap version ${major} is not known`, 4);
    // The upper bits may tell the length of a frame check sequence.
    this.#linkType = this.#uint32(head, 20) & 0xffff;
  }

  step(bytes: Buffer, at: number, offsetBytes: number, record: CaptureRecord): RecordStep {
    if (offsetBytes < fileHeaderBytes) {
      this.usedBytes = fileHeaderBytes - offsetBytes;
      return 'skip';
    }
    if (bytes.length - at < recordHeaderBytes) return 'more';
    const fraction = this.#uint32(bytes, at + 4);
    const captured = this.#uint32(bytes, at + 8);
    if (captured > maxFrameBytes) throw new CaptureFault(`a pcap record claims ${captured} bytes`, offsetBytes);
    if (fraction >= this.#fractions) throw new CaptureFault('a pcap record has no valid time', offsetBytes);
    const start = at + recordHeaderBytes;
    if (bytes.length - start < captured) return 'more';
    record.bytes = bytes;
    record.start = start;
    record.end = start + captured;
    record.linkType = this.#linkType;
    record.atEpochMs = this.#uint32(bytes, at) * 1000 + fraction / (this.#fractions / 1000);
    record.offsetBytes = offsetBytes;
    this.usedBytes = recordHeaderBytes + captured;
    return 'record';
  }

  #uint32(bytes: Buffer, at: number): number {
    return this.#little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }
}
