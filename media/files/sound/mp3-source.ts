import { MPEGDecoder } from 'mpg123-decoder';
import { AudioFileFault } from './fault.ts';
import type { FileWindow } from './file-window.ts';
import { channelsOf, rateOf } from './limits.ts';
import { mp3HeaderBytes, readFrameCount, readMp3Header, type Mp3Header } from './mp3-frames.ts';
import type { SoundSource } from './sound-source.ts';

/** How far into a file its first frame is looked for, behind tags and padding. */
const searchBytes = 1 << 16;
const mostFrameBytes = 1441;
/** Decoded at once: about a second. */
const batchFrames = 40;
/** Tags at the end hold pictures at times. */
const mostTailBytes = 1 << 20;
const endTags = /^(?:TAG|APETAGEX|LYRICSBEGIN|ID3|3DI)/;

/**
 * MP3, by mpg123 in WebAssembly. The frames are told apart here, so that a file that is damaged is found out, and where:
 * mpg123 itself looks for the next frame and says nothing. The sound within a frame has no checksum to be looked at.
 * @throws AudioFileFault
 */
export async function openMp3(window: FileWindow): Promise<SoundSource> {
  const first = await findFirst(window);
  const offset = window.position;
  const rateHz = rateOf(first.sampleRateHz, offset);
  const channels = channelsOf(first.channels, offset);
  const told = readFrameCount((await window.look(first.bytes)).subarray(0, first.bytes), first);
  return {
    container: 'mp3',
    channels,
    sampleRateHz: rateHz,
    durationS: told === undefined ? null : (told * first.samples) / rateHz,
    rateHz,
    samples: async function* () {
      const decoder = new MPEGDecoder();
      await decoder.ready;
      try {
        let frames = told === undefined ? 0 : -1;
        for (;;) {
          const { bytes, count } = await frameBatch(window, first, frames);
          if (count === 0) break;
          window.step(bytes.length);
          frames += count;
          const { channelData, samplesDecoded } = decoder.decode(bytes);
          if (samplesDecoded > 0) yield channelData.slice(0, channels).map(toInt16);
        }
        if (told !== undefined && frames < told) throw cutShort(window, first, frames, told);
      } finally {
        decoder.free();
      }
    },
  };
}

function cutShort(
  window: FileWindow,
  { samples, sampleRateHz }: Mp3Header,
  frames: number,
  told: number,
): AudioFileFault {
  const seconds = (count: number): number => (count * samples) / sampleRateHz;
  const what = `MP3 that ends early: it should last ${seconds(told).toFixed(1)} s`;
  return new AudioFileFault(what, window.position, 1000 * seconds(frames));
}

/** Whole frames from where the window stands; none at the end. @throws AudioFileFault where something else lies there */
async function frameBatch(
  window: FileWindow,
  first: Mp3Header,
  framesDone: number,
): Promise<{ readonly bytes: Uint8Array; readonly count: number }> {
  const ahead = await window.look(batchFrames * mostFrameBytes);
  let at = 0;
  let count = 0;
  while (count < batchFrames && at < ahead.length) {
    const header = readMp3Header(ahead, at);
    if (header === undefined || header.sampleRateHz !== first.sampleRateHz || header.channels !== first.channels) {
      const rest = ahead.subarray(at);
      if (isTail(rest, window.remainingBytes - at)) break;
      const atMs = (1000 * Math.max(0, framesDone + count) * first.samples) / first.sampleRateHz;
      const what = header === undefined ? 'MP3 with something that is no frame' : 'MP3 whose rate or channels change';
      throw new AudioFileFault(what, window.position + at, atMs);
    }
    // A last frame that is not whole is how a recorder leaves a file that was stopped.
    if (at + header.bytes > ahead.length) break;
    at += header.bytes;
    count++;
  }
  return { bytes: ahead.subarray(0, at), count };
}

/** Tags and padding, with which files end; and a header that is cut. `leftBytes`: of the file; `rest` may be less. */
function isTail(rest: Buffer, leftBytes: number): boolean {
  if (leftBytes < mp3HeaderBytes) return true;
  if (endTags.test(rest.toString('latin1', 0, 11))) return leftBytes <= mostTailBytes;
  return leftBytes === rest.length && rest.every((byte) => byte === 0);
}

/** The first header that another of its kind follows. The window then stands on it. */
async function findFirst(window: FileWindow): Promise<Mp3Header> {
  const ahead = await window.look(searchBytes);
  for (let at = 0; at + mp3HeaderBytes <= ahead.length; at++) {
    const header = readMp3Header(ahead, at);
    if (header === undefined) continue;
    const next = at + header.bytes;
    const follows = next === ahead.length || readMp3Header(ahead, next)?.sampleRateHz === header.sampleRateHz;
    if (!follows && !isTail(ahead.subarray(next), window.remainingBytes - next)) continue;
    window.step(at);
    return header;
  }
  throw new AudioFileFault('no MP3 frame is found', window.position);
}

function toInt16(sound: Float32Array): Int16Array {
  return Int16Array.from(sound, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));
}
