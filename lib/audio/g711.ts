/**
 * G.711 (ITU-T), both laws, by tables made once at load. Every code decodes as sox and ffmpeg decode it; encoding
 * rounds 16 bits to the law's own 14 (mu) or 13 (A) before the companding of the standard, as sox does.
 */
export type Law = 'pcmu' | 'pcma';

const codes = 256;
const inputs = 65_536;

/** The code of silence: decodes to 0 (mu) or 8 (A, which has no zero). */
export const silenceCode: Readonly<Record<Law, number>> = { pcmu: 0xff, pcma: 0xd5 };

const decodeTables: Readonly<Record<Law, Int16Array>> = {
  pcmu: Int16Array.from({ length: codes }, (_, code) => expandMu(code)),
  pcma: Int16Array.from({ length: codes }, (_, code) => expandA(code)),
};
/** Indexed by the 16-bit sample taken as unsigned. */
const encodeTables: Readonly<Record<Law, Uint8Array>> = {
  pcmu: Uint8Array.from({ length: inputs }, (_, index) => compressMu((index << 16) >> 16)),
  pcma: Uint8Array.from({ length: inputs }, (_, index) => compressA((index << 16) >> 16)),
};
const pcmuToPcma = Uint8Array.from({ length: codes }, (_, code) => compressA(expandMu(code)));
const pcmaToPcmu = Uint8Array.from({ length: codes }, (_, code) => compressMu(expandA(code)));

/** For hot loops: index by the code. */
export function decodeTable(law: Law): Int16Array {
  return decodeTables[law];
}

/** For hot loops: index by the sample `& 0xffff`. */
export function encodeTable(law: Law): Uint8Array {
  return encodeTables[law];
}

/** Code to code between the laws; indexed by the code of the other law. */
export function translationTable(to: Law): Uint8Array {
  return to === 'pcma' ? pcmuToPcma : pcmaToPcmu;
}

/** Decodes into `into` when it is given (at least as long as `bytes`), else into a new array; returns what it filled. */
export function decodeG711(law: Law, bytes: Uint8Array, into?: Int16Array): Int16Array {
  const pcm = into ?? new Int16Array(bytes.length);
  const table = decodeTables[law];
  for (let i = 0; i < bytes.length; i++) pcm[i] = table[bytes[i] as number] as number;
  return pcm.length === bytes.length ? pcm : pcm.subarray(0, bytes.length);
}

/** 16-bit PCM to G.711 codes, one byte a sample. */
export function encodeG711(law: Law, pcm: Int16Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pcm.length);
  const table = encodeTables[law];
  for (let i = 0; i < pcm.length; i++) bytes[i] = table[(pcm[i] as number) & 0xffff] as number;
  return bytes;
}

function expandMu(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4)) - 0x84;
  return (inverted & 0x80) === 0 ? magnitude : -magnitude;
}

function expandA(code: number): number {
  const toggled = code ^ 0x55;
  const segment = (toggled & 0x70) >> 4;
  const step = ((toggled & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (toggled & 0x80) === 0 ? -magnitude : magnitude;
}

function compressMu(sample: number): number {
  const rounded = Math.min((sample + 2) >> 2, 8191);
  const mask = rounded < 0 ? 0x7f : 0xff;
  const biased = Math.min(Math.abs(rounded), 8159) + 33;
  const segment = bitLength(biased) - 6;
  if (segment > 7) return 0x7f ^ mask;
  return ((segment << 4) | ((biased >> (segment + 1)) & 0x0f)) ^ mask;
}

function compressA(sample: number): number {
  const rounded = Math.min((sample + 4) >> 3, 4095);
  const mask = rounded < 0 ? 0x55 : 0xd5;
  const magnitude = rounded < 0 ? -rounded - 1 : rounded;
  const segment = Math.max(bitLength(magnitude) - 5, 0);
  return ((segment << 4) | ((magnitude >> Math.max(segment, 1)) & 0x0f)) ^ mask;
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}
