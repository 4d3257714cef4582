import { SidetoneError } from '../errors.ts';

/** How the samples of a WAV are written: RIFF format tags 1 (PCM), 6 (A-law) and 7 (mu-law). */
export type WavEncoding = 'pcm16' | 'pcmu' | 'pcma';
const formatTags: Readonly<Record<WavEncoding, number>> = { pcm16: 1, pcma: 6, pcmu: 7 };
const extensibleTag = 0xfffe;

export interface WavFormat {
  readonly encoding: WavEncoding;
  readonly sampleRateHz: number;
  readonly channels: number;
}

export interface WavLayout extends WavFormat {
  /** Of the first sample's byte in the file. */
  readonly dataOffsetBytes: number;
  /** Whole frames only; never past the end of the file. */
  readonly dataBytes: number;
}

/** Every header that `wavHeader` makes: RIFF, an 18-byte fmt, fact (RFC 2361 asks it of companded data), data. */
export const wavHeaderBytes = 58;

export function bytesPerFrame(format: WavFormat): number {
  return format.channels * (format.encoding === 'pcm16' ? 2 : 1);
}

/** A header for `dataBytes` of samples; sizes past 4 GiB are clamped, which readers take as "to the end of the file". */
export function wavHeader(format: WavFormat, dataBytes: number): Buffer {
  const frameBytes = bytesPerFrame(format);
  const clamped = Math.min(dataBytes, 0xffff_ffff - wavHeaderBytes);
  const header = Buffer.alloc(wavHeaderBytes);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(wavHeaderBytes - 8 + clamped + (clamped % 2), 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(18, 16);
  header.writeUInt16LE(formatTags[format.encoding], 20);
  header.writeUInt16LE(format.channels, 22);
  header.writeUInt32LE(format.sampleRateHz, 24);
  header.writeUInt32LE(format.sampleRateHz * frameBytes, 28);
  header.writeUInt16LE(frameBytes, 32);
  header.writeUInt16LE(format.encoding === 'pcm16' ? 16 : 8, 34);
  header.write('fact', 38, 'latin1');
  header.writeUInt32LE(4, 42);
  header.writeUInt32LE(Math.floor(clamped / frameBytes), 46);
  header.write('data', 50, 'latin1');
  header.writeUInt32LE(clamped, 54);
  return header;
}

/**
 * Reads the chunks at the start of a file. `head` holds at least everything before the samples.
 * @throws SidetoneError `unsupported-audio`
 */
export function parseWavHeader(head: Buffer, fileBytes: number): WavLayout {
  if (head.length < 12 || head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') {
    throw new SidetoneError('unsupported-audio', 'not a WAV file');
  }
  let format: WavFormat | undefined;
  let offset = 12;
  while (offset + 8 <= head.length) {
    const id = head.toString('latin1', offset, offset + 4);
    const bytes = head.readUInt32LE(offset + 4);
    const body = offset + 8;
    if (id === 'fmt ') format = parseFormat(head.subarray(body, body + bytes));
    if (id === 'data') {
      if (format === undefined) throw new SidetoneError('unsupported-audio', 'WAV samples before their format');
      const available = Math.min(bytes, Math.max(fileBytes - body, 0));
      return { ...format, dataOffsetBytes: body, dataBytes: available - (available % bytesPerFrame(format)) };
    }
    offset = body + bytes + (bytes % 2);
  }
  throw new SidetoneError('unsupported-audio', 'WAV without samples');
}

function parseFormat(body: Buffer): WavFormat {
  if (body.length < 16) throw new SidetoneError('unsupported-audio', 'WAV format chunk cut short');
  const tag = body.readUInt16LE(0);
  const bits = body.readUInt16LE(14);
  /** WAVE_FORMAT_EXTENSIBLE keeps the real tag in the first two bytes of its sub-format. */
  const effective = tag === extensibleTag && body.length >= 26 ? body.readUInt16LE(24) : tag;
  const encoding = encodingOf(effective, bits);
  const channels = body.readUInt16LE(2);
  const sampleRateHz = body.readUInt32LE(4);
  if (encoding === undefined || channels === 0 || sampleRateHz < 1000 || sampleRateHz > 768_000) {
    throw new SidetoneError('unsupported-audio', 'only PCM 16 bit, mu-law and A-law WAV are understood');
  }
  return { encoding, sampleRateHz, channels };
}

function encodingOf(tag: number, bits: number): WavEncoding | undefined {
  if (tag === formatTags.pcm16 && bits === 16) return 'pcm16';
  if (tag === formatTags.pcmu && bits === 8) return 'pcmu';
  return tag === formatTags.pcma && bits === 8 ? 'pcma' : undefined;
}
