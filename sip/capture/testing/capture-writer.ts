/** Writes captures from the descriptions of the formats, for tests. */
export interface Frame {
  /** ns since 1970: what the finest of the formats can say. */
  readonly atNs: bigint;
  readonly bytes: Buffer;
  /** Index of the interface (pcapng). */
  readonly on?: number;
  /** Kept of the frame (snaplen). */
  readonly capturedBytes?: number;
}

export interface PcapOptions {
  readonly linkType: number;
  readonly little?: boolean;
  readonly nanoseconds?: boolean;
}

export function pcap(frames: readonly Frame[], { linkType, little = true, nanoseconds = false }: PcapOptions): Buffer {
  const { u16, u32 } = writers(little);
  const parts = [
    u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    u16(2),
    u16(4),
    u32(0),
    u32(0),
    u32(262_144),
    u32(linkType),
  ];
  for (const { atNs, bytes, capturedBytes = bytes.length } of frames) {
    const fraction = atNs % 1_000_000_000n;
    parts.push(
      u32(Number(atNs / 1_000_000_000n)),
      u32(Number(nanoseconds ? fraction : fraction / 1000n)),
      u32(capturedBytes),
      u32(bytes.length),
      bytes.subarray(0, capturedBytes),
    );
  }
  return Buffer.concat(parts);
}

export interface PcapngInterface {
  readonly linkType: number;
  /** if_tsresol: 6 = 10^-6 (left out: the default), 9 = 10^-9, 0x80 | n = 2^-n. */
  readonly resolution?: number;
  readonly offsetS?: bigint;
}

export interface PcapngOptions {
  readonly interfaces: readonly PcapngInterface[];
  readonly little?: boolean;
  /** Simple packet blocks: without time and interface. */
  readonly simple?: boolean;
}

export function pcapng(frames: readonly Frame[], { interfaces, little = true, simple = false }: PcapngOptions): Buffer {
  const { u16, u32, u64 } = writers(little);
  const block = (type: number, ...body: Buffer[]): Buffer => {
    const content = padded(Buffer.concat(body));
    const length = u32(12 + content.length);
    return Buffer.concat([u32(type), length, content, length]);
  };
  const option = (code: number, value: Buffer): Buffer => Buffer.concat([u16(code), u16(value.length), padded(value)]);
  const comment = option(1, Buffer.from('written by a test'));
  const parts = [
    block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u64(0xffff_ffff_ffff_ffffn), comment, option(0, noBytes)),
  ];
  for (const { linkType, resolution, offsetS } of interfaces) {
    const options = [option(2, Buffer.from('eth0'))];
    if (resolution !== undefined) options.push(option(9, Buffer.from([resolution])));
    if (offsetS !== undefined) options.push(option(14, u64(offsetS)));
    parts.push(block(1, u16(linkType), u16(0), u32(262_144), ...options, option(0, noBytes)));
  }
  // Name resolution and a custom block: passed over.
  parts.push(block(4, u16(0), u16(0)), block(0x0bad, u32(32_473), Buffer.alloc(600, 7)));
  for (const { atNs, bytes, on = 0, capturedBytes = bytes.length } of frames) {
    const { resolution = 6, offsetS = 0n } = interfaces[on] as PcapngInterface;
    const units = toUnits(atNs - offsetS * 1_000_000_000n, resolution);
    const frame = padded(bytes.subarray(0, capturedBytes));
    if (simple) parts.push(block(3, u32(bytes.length), frame));
    else {
      const high = u32(Number(units >> 32n));
      const low = u32(Number(units & 0xffff_ffffn));
      parts.push(block(6, u32(on), high, low, u32(capturedBytes), u32(bytes.length), frame, option(0, noBytes)));
    }
  }
  return Buffer.concat(parts);
}

const noBytes = Buffer.alloc(0);

function toUnits(ns: bigint, resolution: number): bigint {
  const power = BigInt(resolution & 0x7f);
  return (resolution & 0x80) === 0 ? (ns * 10n ** power) / 1_000_000_000n : (ns << power) / 1_000_000_000n;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

function writers(little: boolean): {
  u16: (value: number) => Buffer;
  u32: (value: number) => Buffer;
  u64: (value: bigint) => Buffer;
} {
  const make = (size: number, write: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.alloc(size);
    write(bytes);
    return bytes;
  };
  return {
    u16: (value) => make(2, (b) => (little ? b.writeUInt16LE(value) : b.writeUInt16BE(value))),
    u32: (value) => make(4, (b) => (little ? b.writeUInt32LE(value) : b.writeUInt32BE(value))),
    u64: (value) => make(8, (b) => (little ? b.writeBigUInt64LE(value) : b.writeBigUInt64BE(value))),
  };
}
