import { AudioFileFault } from './fault.ts';
import type { FileWindow } from './file-window.ts';
import { mostBlockSamples, readFrame, type FlacFrame, type FrameFault } from './flac/frame.ts';
import { channelsOf, rateOf } from './limits.ts';
import type { SoundSource } from './sound-source.ts';

const streamInfo = 0;
const streamInfoBytes = 34;
/** Two channels of 25 bits, written as they are, and the rest of a frame. */
const mostFrameBytes = (mostBlockSamples * 2 * 25) / 8 + 64;
const mostBits = 24;
const id3Bytes = 128;

const whatIsWrong: Readonly<Record<FrameFault, string>> = {
  cut: 'FLAC that breaks off within a frame',
  'no-frame': 'FLAC with something that is no frame',
  damaged: 'FLAC with a damaged frame',
  'another-format': 'FLAC whose channels or bits change',
};

interface StreamInfo {
  readonly channels: 1 | 2;
  readonly sampleBits: number;
  readonly sampleRateHz: number;
  /** 0: the file does not say. */
  readonly totalSamples: number;
}

/** FLAC (RFC 9639), decoded here: every frame's checksum is looked at. @throws AudioFileFault */
export async function openFlac(window: FileWindow): Promise<SoundSource> {
  const info = await readBlocks(window);
  const { channels, sampleBits, sampleRateHz, totalSamples } = info;
  return {
    container: 'flac',
    channels,
    sampleRateHz,
    durationS: totalSamples === 0 ? null : totalSamples / sampleRateHz,
    rateHz: sampleRateHz,
    samples: async function* () {
      const decoded = Array.from({ length: channels }, () => new Float64Array(mostBlockSamples));
      const pcm = Array.from({ length: channels }, () => new Int16Array(mostBlockSamples));
      const frame: FlacFrame = { bytes: 0, samples: 0 };
      const gain = 2 ** (16 - sampleBits);
      let done = 0;
      for (;;) {
        const bytes = await window.look(mostFrameBytes);
        if (isEnd(bytes, done, totalSamples)) break;
        const fault = readFrame(bytes, info, decoded, frame);
        if (fault !== undefined) {
          // What goes on past all that a frame can be is damaged, not cut.
          const what = fault === 'cut' && bytes.length >= mostFrameBytes ? 'damaged' : fault;
          throw new AudioFileFault(whatIsWrong[what], window.position, (1000 * done) / sampleRateHz);
        }
        window.step(frame.bytes);
        done += frame.samples;
        yield decoded.map((wide, channel) => {
          const narrow = pcm[channel] as Int16Array;
          for (let i = 0; i < frame.samples; i++) narrow[i] = Math.floor((wide[i] as number) * gain);
          return narrow.subarray(0, frame.samples);
        });
      }
      if (done >= totalSamples) return;
      const promised = (totalSamples / sampleRateHz).toFixed(1);
      throw new AudioFileFault(
        `FLAC that ends early: it should last ${promised} s`,
        window.position,
        (1000 * done) / sampleRateHz,
      );
    },
  };
}

/** All samples have come, or nothing is left but an ID3v1 tag. */
function isEnd(bytes: Buffer, done: number, totalSamples: number): boolean {
  if (bytes.length === 0 || (totalSamples > 0 && done >= totalSamples)) return true;
  return bytes.length === id3Bytes && bytes.toString('latin1', 0, 3) === 'TAG';
}

/** Section 8: the blocks before the frames, of which the first tells the format. */
async function readBlocks(window: FileWindow): Promise<StreamInfo> {
  window.step(4);
  let info: StreamInfo | undefined;
  for (let last = false; !last;) {
    const offset = window.position;
    const head = await window.look(4 + streamInfoBytes);
    if (head.length < 4) throw new AudioFileFault('FLAC that breaks off before its sound', offset);
    last = (head[0] as number) >= 128;
    const type = (head[0] as number) & 127;
    const bytes = head.readUIntBE(1, 3);
    if (info === undefined) {
      if (type !== streamInfo || bytes < streamInfoBytes || head.length < 4 + streamInfoBytes) {
        throw new AudioFileFault('FLAC that does not begin with its format', offset);
      }
      info = readStreamInfo(head.subarray(4), offset);
    }
    if (4 + bytes > window.remainingBytes) throw new AudioFileFault('FLAC that breaks off before its sound', offset);
    window.step(4 + bytes);
  }
  return info as StreamInfo;
}

/** Section 8.2: 20 bits of rate, 3 of channels, 5 of sample bits, 36 of samples. */
function readStreamInfo(body: Buffer, offset: number): StreamInfo {
  const sampleRateHz = body.readUIntBE(10, 3) >> 4;
  const channels = (((body[12] as number) >> 1) & 7) + 1;
  const sampleBits = ((((body[12] as number) & 1) << 4) | ((body[13] as number) >> 4)) + 1;
  const totalSamples = ((body[13] as number) & 15) * 2 ** 32 + body.readUInt32BE(14);
  if (sampleBits > mostBits) throw new AudioFileFault(`FLAC of ${sampleBits} bit: up to 24 are read`, offset);
  return {
    channels: channelsOf(channels, offset),
    sampleRateHz: rateOf(sampleRateHz, offset),
    sampleBits,
    totalSamples,
  };
}
