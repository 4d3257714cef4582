/** Headers of MPEG audio frames, layer III (ISO 11172-3 section 2.4.1.3, ISO 13818-3, and MPEG 2.5 as it is in use). */
export interface Mp3Header {
  readonly bytes: number;
  readonly samples: number;
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** Where the side information ends: a first frame may hold counts there instead of sound. */
  readonly sideEnd: number;
}

export const mp3HeaderBytes = 4;
const bitrates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const bitrates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const rates = [44_100, 48_000, 32_000];

/** Undefined where no layer III frame of a stated bit rate begins. */
export function readMp3Header(bytes: Uint8Array, at: number): Mp3Header | undefined {
  if (bytes.length - at < mp3HeaderBytes) return undefined;
  const second = bytes[at + 1] as number;
  const third = bytes[at + 2] as number;
  const fourth = bytes[at + 3] as number;
  const version = (second >> 3) & 3;
  if (bytes[at] !== 0xff || second < 0xe0 || version === 1 || ((second >> 1) & 3) !== 1) return undefined;
  const isFirst = version === 3;
  const kbps = (isFirst ? bitrates1 : bitrates2)[third >> 4];
  const rate = rates[(third >> 2) & 3];
  if (kbps === undefined || kbps === 0 || rate === undefined) return undefined;
  const sampleRateHz = isFirst ? rate : version === 2 ? rate / 2 : rate / 4;
  const samples = isFirst ? 1152 : 576;
  const channels = fourth >> 6 === 3 ? 1 : 2;
  const side = isFirst ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17;
  return {
    bytes: Math.floor(((samples / 8) * kbps * 1000) / sampleRateHz) + ((third >> 1) & 1),
    samples,
    sampleRateHz,
    channels,
    sideEnd: mp3HeaderBytes + ((second & 1) === 0 ? 2 : 0) + side,
  };
}

/**
 * The number of frames to come as the encoder's own first frame tells (Xing and Info, written by nearly all encoders);
 * undefined where the frame is one of sound.
 */
export function readFrameCount(frame: Uint8Array, { sideEnd, bytes }: Mp3Header): number | undefined {
  if (frame.length < bytes || bytes < sideEnd + 12) return undefined;
  const view = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  // Encoders leave out the checksum's two bytes in the place of the tag, or do not.
  const at = [sideEnd, sideEnd - 2].find((place) => /^(?:Xing|Info)$/.test(view.toString('latin1', place, place + 4)));
  if (at === undefined || (view.readUInt32BE(at + 4) & 1) === 0) return undefined;
  return view.readUInt32BE(at + 8);
}
