import { open, type FileHandle } from 'node:fs/promises';
import { decodeTable } from './g711.ts';
import { bytesPerFrame, parseWavHeader, type WavEncoding, type WavLayout } from './wav-format.ts';

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
