/** The two checksums of a FLAC frame (RFC 9639 section 9.1.8 and 9.3): x^8+x^2+x+1 and x^16+x^15+x^2+1, from 0. */
const table8 = Uint8Array.from({ length: 256 }, (_, byte) => remainder(byte, 8, 0x07));
const table16 = Uint16Array.from({ length: 256 }, (_, byte) => remainder(byte << 8, 16, 0x8005));

export function crc8(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = table8[crc ^ (bytes[i] as number)] as number;
  return crc;
}

export function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) {
    crc = ((crc << 8) & 0xffff) ^ (table16[(crc >> 8) ^ (bytes[i] as number)] as number);
  }
  return crc;
}

function remainder(start: number, bits: number, polynomial: number): number {
  const top = 1 << (bits - 1);
  let value = start;
  for (let i = 0; i < 8; i++) value = (value & top) !== 0 ? (value << 1) ^ polynomial : value << 1;
  return value & ((1 << bits) - 1);
}
