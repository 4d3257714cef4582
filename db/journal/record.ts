import { crc32 } from 'node:zlib';

/**
 * One record of a journal segment:
 *
 *     u32 BE  magic "SJ01"
 *     u8      kind: 'L' live, 'V' void (its payload is zeros, whatever the checksum says)
 *     u32 BE  bytes of the payload
 *     u32 BE  CRC-32 of the payload
 *     ...     payload: the op as JSON, UTF-8
 *
 * A void record keeps its length, so that wiping one is one write in place and moves nothing.
 */
const headerBytes = 13;
const magic = 0x534a3031;
const live = 0x4c;
const empty = 0x56;
/** Far above any op; a length beyond it is damage. */
const maxPayloadBytes = 64 << 20;

export function encodeRecord(json: string): Buffer {
  const payloadBytes = Buffer.byteLength(json);
  const record = Buffer.allocUnsafe(headerBytes + payloadBytes);
  record.write(json, headerBytes, 'utf8');
  record.writeUInt32BE(magic, 0);
  record.writeUInt8(live, 4);
  record.writeUInt32BE(payloadBytes, 5);
  record.writeUInt32BE(crc32(record.subarray(headerBytes)), 9);
  return record;
}

/** What overwrites a record of that many bytes in all. */
export function voidRecord(recordBytes: number): Buffer {
  const record = Buffer.alloc(recordBytes);
  record.writeUInt32BE(magic, 0);
  record.writeUInt8(empty, 4);
  record.writeUInt32BE(recordBytes - headerBytes, 5);
  return record;
}

export interface FoundRecord {
  readonly offset: number;
  /** Header included. */
  readonly bytes: number;
  readonly json: string;
}

/** The payload of the record at the start of `bytes`; undefined when it is void, damaged or cut short. */
export function decodeRecord(bytes: Buffer): string | undefined {
  const shape = readHeader(bytes, 0);
  if (shape === undefined || !shape.live || headerBytes + shape.payloadBytes > bytes.length) return undefined;
  const payload = bytes.subarray(headerBytes, headerBytes + shape.payloadBytes);
  return crc32(payload) === shape.checksum ? payload.toString('utf8') : undefined;
}

/**
 * Every live record of a segment. A record whose checksum is wrong is skipped by its length; where no record begins or
 * the file ends too soon (torn write), the rest is given up. Both count as damage.
 */
export function scanRecords(segment: Buffer): { readonly records: readonly FoundRecord[]; readonly damaged: number } {
  const records: FoundRecord[] = [];
  let damaged = 0;
  let offset = 0;
  while (offset < segment.length) {
    const shape = readHeader(segment, offset);
    if (shape === undefined || offset + headerBytes + shape.payloadBytes > segment.length) {
      damaged += 1;
      break;
    }
    const bytes = headerBytes + shape.payloadBytes;
    if (shape.live) {
      const json = decodeRecord(segment.subarray(offset, offset + bytes));
      if (json === undefined) damaged += 1;
      else records.push({ offset, bytes, json });
    }
    offset += bytes;
  }
  return { records, damaged };
}

function readHeader(
  bytes: Buffer,
  offset: number,
): { readonly live: boolean; readonly payloadBytes: number; readonly checksum: number } | undefined {
  if (offset + headerBytes > bytes.length || bytes.readUInt32BE(offset) !== magic) return undefined;
  const kind = bytes.readUInt8(offset + 4);
  const payloadBytes = bytes.readUInt32BE(offset + 5);
  if ((kind !== live && kind !== empty) || payloadBytes > maxPayloadBytes) return undefined;
  return { live: kind === live, payloadBytes, checksum: bytes.readUInt32BE(offset + 9) };
}
