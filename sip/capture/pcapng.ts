import { CaptureFault } from './fault.ts';
import { maxFrameBytes, type CaptureRecord, type RecordDecoder, type RecordStep } from './record.ts';

/**
 * pcapng (draft-ietf-opsawg-pcapng): blocks of a type, a length, a body and the length again. A section has its own
 * byte order and its own list of interfaces, each with link type, snaplen and unit of time.
 */
const sectionHeader = 0x0a0d0d0a;
const interfaceDescription = 1;
const obsoletePacket = 2;
const simplePacket = 3;
const enhancedPacket = 6;
const byteOrderMagic = 0x1a2b3c4d;

const maxSections = 10_000;
const maxInterfaces = 10_000;
const maxHeaderBlockBytes = 1_048_576;

const optionEnd = 0;
const optionTsResol = 9;
const optionTsOffset = 14;

interface Interface {
  readonly linkType: number;
  /** 0: unlimited. */
  readonly snapBytes: number;
  readonly unitsPerS: number;
  readonly offsetS: number;
}

interface Section {
  readonly offsetBytes: number;
  readonly little: boolean;
  readonly interfaces: Interface[];
}

export function isPcapng(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === sectionHeader;
}

export class PcapngDecoder implements RecordDecoder {
  readonly #sections: Section[];
  /** This decoder reads what another has read before: sections and interfaces are known, in the middle of one too. */
  readonly #again: boolean;
  #section: Section | undefined;
  usedBytes = 0;

  constructor(before?: PcapngDecoder) {
    this.#sections = before === undefined ? [] : before.#sections;
    this.#again = before !== undefined;
  }

  step(bytes: Buffer, at: number, offsetBytes: number, record: CaptureRecord): RecordStep {
    if (bytes.length - at < 12) return 'more';
    if (bytes.readUInt32BE(at) === sectionHeader) return this.#beginSection(bytes, at, offsetBytes);
    const section = (this.#section ??= this.#sectionAt(offsetBytes));
    const type = uint32(section, bytes, at);
    const blockBytes = uint32(section, bytes, at + 4);
    if (blockBytes < 12 || blockBytes % 4 !== 0) {
      throw new CaptureFault(`a pcapng block claims ${blockBytes} bytes`, offsetBytes);
    }
    this.usedBytes = blockBytes;
    switch (type) {
      case enhancedPacket:
      case obsoletePacket:
      case simplePacket:
        this.#limit(blockBytes, maxFrameBytes + 65_536, offsetBytes);
        if (bytes.length - at < blockBytes) return 'more';
        this.#checkTail(section, bytes, at, blockBytes, offsetBytes);
        return type === simplePacket
          ? readSimple(section, bytes, at, blockBytes, offsetBytes, record)
          : readPacket(section, type, bytes, at, blockBytes, offsetBytes, record);
      case interfaceDescription:
        this.#limit(blockBytes, maxHeaderBlockBytes, offsetBytes);
        if (bytes.length - at < blockBytes) return 'more';
        this.#checkTail(section, bytes, at, blockBytes, offsetBytes);
        if (!this.#again) this.#addInterface(section, bytes, at, blockBytes, offsetBytes);
        return 'skip';
      default:
        return 'skip';
    }
  }

  #beginSection(bytes: Buffer, at: number, offsetBytes: number): RecordStep {
    const magic = bytes.readUInt32BE(at + 8);
    const little = bytes.readUInt32LE(at + 8) === byteOrderMagic;
    if (!little && magic !== byteOrderMagic) throw new CaptureFault('a pcapng section has no byte order', offsetBytes);
    const section: Section = { offsetBytes, little, interfaces: [] };
    const blockBytes = uint32(section, bytes, at + 4);
    if (blockBytes < 28 || blockBytes % 4 !== 0) {
      throw new CaptureFault(`a pcapng section header claims ${blockBytes} bytes`, offsetBytes);
    }
    this.#limit(blockBytes, maxHeaderBlockBytes, offsetBytes);
    if (bytes.length - at < blockBytes) return 'more';
    this.#checkTail(section, bytes, at, blockBytes, offsetBytes);
    const major = little ? bytes.readUInt16LE(at + 12) : bytes.readUInt16BE(at + 12);
    if (major !== 1) throw new CaptureFault(`pcapng version ${major} is not known`, offsetBytes);
    this.usedBytes = blockBytes;
    if (this.#again) {
      this.#section = this.#sectionAt(offsetBytes);
      return 'skip';
    }
    if (this.#sections.length >= maxSections) throw new CaptureFault('too many pcapng sections', offsetBytes);
    this.#sections.push(section);
    this.#section = section;
    return 'skip';
  }

  #sectionAt(offsetBytes: number): Section {
    const found = this.#sections.findLast((section) => section.offsetBytes <= offsetBytes);
    if (found === undefined) throw new CaptureFault('a pcapng block stands before any section', offsetBytes);
    return found;
  }

  #addInterface(section: Section, bytes: Buffer, at: number, blockBytes: number, offsetBytes: number): void {
    if (blockBytes < 20) throw new CaptureFault('a pcapng interface description is too short', offsetBytes);
    if (section.interfaces.length >= maxInterfaces) throw new CaptureFault('too many pcapng interfaces', offsetBytes);
    let unitsPerS = 1e6;
    let offsetS = 0;
    const end = at + blockBytes - 4;
    for (let option = at + 16; option + 4 <= end;) {
      const code = uint16(section, bytes, option);
      const length = uint16(section, bytes, option + 2);
      const value = option + 4;
      if (code === optionEnd || value + length > end) break;
      if (code === optionTsResol && length >= 1) unitsPerS = resolution(bytes[value] as number);
      if (code === optionTsOffset && length >= 8) offsetS = int64(section, bytes, value);
      option = value + length + (-length & 3);
    }
    section.interfaces.push({
      linkType: uint16(section, bytes, at + 8),
      snapBytes: uint32(section, bytes, at + 12),
      unitsPerS,
      offsetS,
    });
  }

  #limit(blockBytes: number, mostBytes: number, offsetBytes: number): void {
    if (blockBytes > mostBytes) throw new CaptureFault(`a pcapng block claims ${blockBytes} bytes`, offsetBytes);
  }

  #checkTail(section: Section, bytes: Buffer, at: number, blockBytes: number, offsetBytes: number): void {
    if (uint32(section, bytes, at + blockBytes - 4) !== blockBytes) {
      throw new CaptureFault('a pcapng block does not end where it says', offsetBytes);
    }
  }
}

/** The enhanced packet block, and the older one that it replaced: they differ in the first field alone. */
function readPacket(
  section: Section,
  type: number,
  bytes: Buffer,
  at: number,
  blockBytes: number,
  offsetBytes: number,
  record: CaptureRecord,
): RecordStep {
  if (blockBytes < 32) throw new CaptureFault('a pcapng packet block is too short', offsetBytes);
  const index = type === enhancedPacket ? uint32(section, bytes, at + 8) : uint16(section, bytes, at + 8);
  const from = interfaceOf(section, index, offsetBytes);
  const captured = uint32(section, bytes, at + 20);
  if (captured > blockBytes - 32) throw new CaptureFault('a pcapng packet is longer than its block', offsetBytes);
  const units = uint32(section, bytes, at + 12) * 2 ** 32 + uint32(section, bytes, at + 16);
  fill(record, bytes, at + 28, captured, from, offsetBytes);
  // Split so that nanoseconds since 1970, more than a double holds, keep their fraction.
  const wholeS = Math.floor(units / from.unitsPerS);
  record.atEpochMs = (wholeS + from.offsetS) * 1000 + ((units - wholeS * from.unitsPerS) * 1000) / from.unitsPerS;
  return 'record';
}

/** No time, no interface: it is the first one, and the time stays that of the record before. */
function readSimple(
  section: Section,
  bytes: Buffer,
  at: number,
  blockBytes: number,
  offsetBytes: number,
  record: CaptureRecord,
): RecordStep {
  if (blockBytes < 16) throw new CaptureFault('a pcapng packet block is too short', offsetBytes);
  const from = interfaceOf(section, 0, offsetBytes);
  const original = uint32(section, bytes, at + 8);
  const captured = Math.min(original, blockBytes - 16, from.snapBytes === 0 ? original : from.snapBytes);
  fill(record, bytes, at + 12, captured, from, offsetBytes);
  return 'record';
}

function fill(
  record: CaptureRecord,
  bytes: Buffer,
  start: number,
  captured: number,
  from: Interface,
  offsetBytes: number,
): void {
  record.bytes = bytes;
  record.start = start;
  record.end = start + captured;
  record.linkType = from.linkType;
  record.offsetBytes = offsetBytes;
}

function interfaceOf(section: Section, index: number, offsetBytes: number): Interface {
  const found = section.interfaces[index];
  if (found === undefined) throw new CaptureFault('a pcapng packet names an interface that is not there', offsetBytes);
  return found;
}

/** if_tsresol: a power of ten, or of two when the top bit is set. */
function resolution(code: number): number {
  const power = code & 0x7f;
  return (code & 0x80) === 0 ? 10 ** Math.min(power, 18) : 2 ** Math.min(power, 62);
}

function uint32(section: Section, bytes: Buffer, at: number): number {
  return section.little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}

function uint16(section: Section, bytes: Buffer, at: number): number {
  return section.little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

function int64(section: Section, bytes: Buffer, at: number): number {
  return Number(section.little ? bytes.readBigInt64LE(at) : bytes.readBigInt64BE(at));
}
