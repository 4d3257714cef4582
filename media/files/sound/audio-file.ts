import { open } from 'node:fs/promises';
import { once } from '#lib/closing.ts';
import { StreamResampler } from '#lib/audio/resample.ts';
import { sampleRateHz as timelineRateHz } from '../../types.ts';
import { AudioFileFault } from './fault.ts';
import { FileWindow } from './file-window.ts';
import { openFlac } from './flac-source.ts';
import { skipId3 } from './id3.ts';
import { openMp3 } from './mp3-source.ts';
import { openOggOpus } from './ogg-opus-source.ts';
import type { AudioContainer, SoundSource } from './sound-source.ts';
import { openWav } from './wav-source.ts';

export interface AudioFile {
  readonly container: AudioContainer;
  readonly channels: 1 | 2;
  /** Of the file. */
  readonly sampleRateHz: number;
  /** As the file's head tells; null where it does not. */
  readonly durationS: number | null;
  /**
   * At 8 kHz, an array a channel, all of one length; each is the reader's. To be read once, or `readThrough`.
   * @throws AudioFileFault in the course of it, where the file breaks off or is damaged
   */
  readonly blocks: AsyncIterable<Int16Array<ArrayBuffer>[]>;
  /** Decodes all of it and keeps nothing. The ms of sound that are there. @throws AudioFileFault */
  readThrough(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens a file of sound by what is in it, whatever it is called: WAV, FLAC, MP3, Ogg Opus; one or two channels, 6 to
 * 48 kHz. It is read in pieces: memory does not depend on its length.
 * @throws AudioFileFault; Node's own errors where it cannot be read
 */
export async function readAudioFile(path: string): Promise<AudioFile> {
  const file = await open(path, 'r');
  const close = once(() => file.close());
  try {
    const { size } = await file.stat();
    const source = await openSource(new FileWindow(file, size));
    const { container, channels, sampleRateHz, durationS } = source;
    const readThrough = (): Promise<number> => soundMs(source);
    return { container, channels, sampleRateHz, durationS, blocks: atTimelineRate(source), readThrough, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function openSource(window: FileWindow): Promise<SoundSource> {
  await skipId3(window);
  const head = await window.look(12);
  const [four, next] = [head.toString('latin1', 0, 4), head.toString('latin1', 8, 12)];
  if ((four === 'RIFF' || four === 'RF64') && next === 'WAVE') return openWav(window);
  if (four === 'fLaC') return openFlac(window);
  if (four === 'OggS') return openOggOpus(window);
  if (window.position > 0 || ((head[0] ?? 0) === 0xff && (head[1] ?? 0) >= 0xe0)) return openMp3(window);
  if (head.length === 0) throw new AudioFileFault('the file is empty', 0);
  throw new AudioFileFault(
    'none of WAV, FLAC, MP3, Ogg Opus, pcap and pcapng: convert it first (ffmpeg -i FILE call.wav)',
    0,
  );
}

async function* atTimelineRate(source: SoundSource): AsyncGenerator<Int16Array<ArrayBuffer>[]> {
  const resamplers = Array.from({ length: source.channels }, () => new StreamResampler(source.rateHz, timelineRateHz));
  for await (const block of source.samples()) {
    const out = block.map((pcm, channel) => Int16Array.from((resamplers[channel] as StreamResampler).push(pcm)));
    if ((out[0] as Int16Array).length > 0) yield out;
  }
  const rest = resamplers.map((resampler) => Int16Array.from(resampler.flush()));
  if ((rest[0] as Int16Array).length > 0) yield rest;
}

async function soundMs(source: SoundSource): Promise<number> {
  let count = 0;
  for await (const [first] of source.samples()) count += first?.length ?? 0;
  return Math.round((1000 * count) / source.rateHz);
}
