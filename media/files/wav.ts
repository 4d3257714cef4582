import { open, type FileHandle } from 'node:fs/promises';
import { once } from '#lib/closing.ts';
import { decodeTable, encodeTable } from '../g711/g711.ts';
import {
  bytesPerFrame,
  parseWavHeader,
  wavHeader,
  wavHeaderBytes,
  type WavEncoding,
  type WavLayout,
} from './wav-format.ts';

/** Enough for the chunks (LIST and the like) that real files carry before their samples. */
const headBytes = 1 << 16;
const readBlockBytes = 1 << 18;

export interface WavAudio {
  readonly sampleRateHz: number;
  /** One array a channel, all of one length. */
  readonly channels: Int16Array[];
}

/**
 * Reads a whole WAV: PCM 16 bit, mu-law or A-law, any rate, any number of channels.
 * @throws SidetoneError `unsupported-audio`; Node's own errors where the file cannot be read
 */
export async function readWav(path: string): Promise<WavAudio> {
  const file = await open(path, 'r');
  try {
    const layout = await readWavLayout(file);
    const frames = layout.dataBytes / bytesPerFrame(layout);
    const channels = Array.from({ length: layout.channels }, () => new Int16Array(frames));
    let done = 0;
    for await (const block of wavBlocks(file, layout)) {
      deinterleave(block, layout.encoding, channels, done);
      done += block.length / bytesPerFrame(layout);
    }
    return { sampleRateHz: layout.sampleRateHz, channels: channels.map((channel) => channel.subarray(0, done)) };
  } finally {
    await file.close();
  }
}

/** @throws SidetoneError `unsupported-audio` */
export async function readWavLayout(file: FileHandle): Promise<WavLayout> {
  const { size } = await file.stat();
  const head = Buffer.alloc(Math.min(headBytes, size));
  await file.read(head, 0, head.length, 0);
  return parseWavHeader(head, size);
}

/** The raw sample bytes in order, whole frames at a time; each block is valid until the next is asked for. */
export async function* wavBlocks(file: FileHandle, layout: WavLayout): AsyncGenerator<Buffer> {
  const frameBytes = bytesPerFrame(layout);
  const block = Buffer.alloc(Math.floor(readBlockBytes / frameBytes) * frameBytes);
  let offset = 0;
  while (offset < layout.dataBytes) {
    const wanted = Math.min(block.length, layout.dataBytes - offset);
    const { bytesRead } = await file.read(block, 0, wanted, layout.dataOffsetBytes + offset);
    const whole = bytesRead - (bytesRead % frameBytes);
    if (whole === 0) return;
    yield block.subarray(0, whole);
    offset += whole;
  }
}

/** Spreads interleaved bytes over one PCM array a channel, from `at` on. */
export function deinterleave(
  bytes: Uint8Array,
  encoding: WavEncoding,
  channels: readonly Int16Array[],
  at: number,
): void {
  const width = channels.length;
  const table = encoding === 'pcm16' ? undefined : decodeTable(encoding);
  const frames = bytes.length / (width * (table === undefined ? 2 : 1));
  channels.forEach((channel, index) => {
    for (let frame = 0; frame < frames; frame++) {
      const unit = frame * width + index;
      channel[at + frame] =
        table === undefined
          ? (((bytes[2 * unit] as number) | ((bytes[2 * unit + 1] as number) << 8)) << 16) >> 16
          : (table[bytes[unit] as number] as number);
    }
  });
}

/** Writes two channels side by side, a block at a time, so that a call of any length needs no memory. */
export class StereoWavWriter {
  readonly #file: FileHandle;
  readonly #encoding: WavEncoding;
  readonly #sampleRateHz: number;
  #dataBytes = 0;
  readonly close: () => Promise<void>;

  private constructor(file: FileHandle, encoding: WavEncoding, sampleRateHz: number) {
    this.#file = file;
    this.#encoding = encoding;
    this.#sampleRateHz = sampleRateHz;
    this.close = once(async () => {
      try {
        await this.#file.write(this.#header(), 0, wavHeaderBytes, 0);
      } finally {
        await this.#file.close();
      }
    });
  }

  static async create(
    path: string,
    options: { encoding: WavEncoding; sampleRateHz: number },
  ): Promise<StereoWavWriter> {
    const file = await open(path, 'w', 0o600);
    const writer = new StereoWavWriter(file, options.encoding, options.sampleRateHz);
    await file.write(writer.#header(), 0, wavHeaderBytes, 0);
    return writer;
  }

  /** Both blocks of one length; the next `write` waits for this one. */
  async write(left: Int16Array, right: Int16Array): Promise<void> {
    const bytes = interleaveStereo(this.#encoding, left, right);
    await this.#file.write(bytes, 0, bytes.length, wavHeaderBytes + this.#dataBytes);
    this.#dataBytes += bytes.length;
  }

  #header(): Buffer {
    return wavHeader({ encoding: this.#encoding, sampleRateHz: this.#sampleRateHz, channels: 2 }, this.#dataBytes);
  }
}

/** @throws RangeError when the channels differ in length */
export function interleaveStereo(encoding: WavEncoding, left: Int16Array, right: Int16Array): Buffer {
  if (left.length !== right.length) throw new RangeError('stereo channels of different length');
  if (encoding === 'pcm16') {
    const bytes = Buffer.allocUnsafe(4 * left.length);
    for (let i = 0; i < left.length; i++) {
      bytes.writeInt16LE(left[i] as number, 4 * i);
      bytes.writeInt16LE(right[i] as number, 4 * i + 2);
    }
    return bytes;
  }
  const table = encodeTable(encoding);
  const bytes = Buffer.allocUnsafe(2 * left.length);
  for (let i = 0; i < left.length; i++) {
    bytes[2 * i] = table[(left[i] as number) & 0xffff] as number;
    bytes[2 * i + 1] = table[(right[i] as number) & 0xffff] as number;
  }
  return bytes;
}
