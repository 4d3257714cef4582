/** Ogg Opus files for tests (RFC 3533, RFC 7845), written from the description and not with our reader. */

export interface OggOpusOptions {
  readonly channels?: number;
  readonly preSkip?: number;
  readonly gainDb?: number;
  readonly packetsPerPage?: number;
  /** What the last page counts, at 48 kHz; default: all that the packets hold. */
  readonly lastGranule?: number;
  /** What was counted before the first packet. */
  readonly origin?: number;
}

/** A whole file of packets of 20 ms each. */
export function oggOpus(packets: readonly Uint8Array[], options: OggOpusOptions = {}): Buffer {
  const { channels = 1, preSkip = 0, gainDb = 0, packetsPerPage = 5, origin = 0 } = options;
  const head = Buffer.from('OpusHead\u0001\0\0\0\0\0\0\0\0\0\0', 'latin1');
  head[9] = channels;
  head.writeUInt16LE(preSkip, 10);
  head.writeUInt32LE(8000, 12);
  head.writeInt16LE(Math.round(gainDb * 256), 16);
  const pages = [
    oggPage({ sequence: 0, first: true, granule: 0, packets: [head] }),
    oggPage({ sequence: 1, granule: 0, packets: [Buffer.from('OpusTags\0\0\0\0\0\0\0\0', 'latin1')] }),
  ];
  for (let at = 0; at < packets.length; at += packetsPerPage) {
    const last = at + packetsPerPage >= packets.length;
    const end = Math.min(packets.length, at + packetsPerPage);
    const granule = last && options.lastGranule !== undefined ? options.lastGranule : origin + end * 960;
    pages.push(oggPage({ sequence: pages.length, last, granule, packets: packets.slice(at, end) }));
  }
  return Buffer.concat(pages);
}

export function oggPage(page: {
  readonly sequence: number;
  readonly granule: number;
  readonly packets: readonly Uint8Array[];
  readonly first?: boolean;
  readonly last?: boolean;
  readonly serial?: number;
}): Buffer {
  const lacing = page.packets.flatMap(({ length }) => [
    ...Array<number>(Math.floor(length / 255)).fill(255),
    length % 255,
  ]);
  const head = Buffer.alloc(27);
  head.write('OggS', 0, 'latin1');
  head[5] = (page.first === true ? 2 : 0) | (page.last === true ? 4 : 0);
  head.writeBigInt64LE(BigInt(page.granule), 6);
  head.writeUInt32LE(page.serial ?? 77, 14);
  head.writeUInt32LE(page.sequence, 18);
  head[26] = lacing.length;
  const whole = Buffer.concat([head, Buffer.from(lacing), ...page.packets]);
  whole.writeUInt32LE(checksum(whole), 22);
  return whole;
}

/** Bit by bit, as the RFC puts it. */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}
