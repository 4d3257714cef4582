import { decodeTable } from '#lib/audio/g711.ts';
import type { FileWindow } from './file-window.ts';
import type { SoundSource } from './sound-source.ts';
import { channelsOf, rateOf } from './limits.ts';
import { readWavHead, sampleBytes, type WavSamples } from './wav-head.ts';

const blockFrames = 8000;

/** @throws AudioFileFault */
export async function openWav(window: FileWindow): Promise<SoundSource> {
  const { samples, channels: told, sampleRateHz, dataBytes } = await readWavHead(window);
  const offset = window.position;
  const channels = channelsOf(told, offset);
  const rateHz = rateOf(sampleRateHz, offset);
  const width = sampleBytes[samples];
  const frames = dataBytes / (channels * width);
  return {
    container: 'wav',
    channels,
    sampleRateHz,
    durationS: frames / sampleRateHz,
    rateHz,
    samples: async function* () {
      const block = Array.from({ length: channels }, () => new Int16Array(blockFrames));
      for (let done = 0; done < frames;) {
        const wanted = Math.min(blockFrames, frames - done);
        const bytes = await window.look(wanted * channels * width);
        // Shorter than it was when it was opened: what is there counts.
        const count = Math.min(wanted, Math.floor(bytes.length / (channels * width)));
        if (count === 0) return;
        block.forEach((pcm, channel) => convert[samples](bytes, channel * width, channels * width, pcm, count));
        window.step(count * channels * width);
        done += count;
        yield block.map((pcm) => pcm.subarray(0, count));
      }
    },
  };
}

/** `count` samples from `at` on, each `step` bytes after the one before. */
type Convert = (bytes: Buffer, at: number, step: number, pcm: Int16Array, count: number) => void;

function each(sample: (bytes: Buffer, at: number) => number): Convert {
  return (bytes, at, step, pcm, count) => {
    for (let i = 0; i < count; i++) pcm[i] = sample(bytes, at + i * step);
  };
}

function ofFloat(value: number): number {
  // NaN is no sound.
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))) || 0;
}

const mu = decodeTable('pcmu');
const a = decodeTable('pcma');
const convert: Readonly<Record<WavSamples, Convert>> = {
  u8: each((bytes, at) => ((bytes[at] as number) - 128) << 8),
  s16: each((bytes, at) => bytes.readInt16LE(at)),
  s24: each((bytes, at) => bytes.readInt16LE(at + 1)),
  s32: each((bytes, at) => bytes.readInt16LE(at + 2)),
  f32: each((bytes, at) => ofFloat(bytes.readFloatLE(at))),
  f64: each((bytes, at) => ofFloat(bytes.readDoubleLE(at))),
  pcmu: each((bytes, at) => mu[bytes[at] as number] as number),
  pcma: each((bytes, at) => a[bytes[at] as number] as number),
};
