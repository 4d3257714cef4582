import { createHash } from 'node:crypto';
import { open, rename, writeFile, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { deinterleave, readWavLayout, wavBlocks } from '#lib/audio/wav.ts';
import { wavHeader, wavHeaderBytes } from '#lib/audio/wav-format.ts';
import { SilenceRanges } from '../timeline/silence-ranges.ts';
import type { RecordingReport, SampleRange } from '../types.ts';
import { locateRecording, peaksPathOf } from './paths.ts';
import { PeakMeter, samplesPerPeak, type PeaksFile } from './peaks.ts';
import { recordingFormat, recordingFrameBytes, zeroRange } from './recording-file.ts';
import { readNotedStory, storyPathOf, type RecordingStory } from './story.ts';

/**
 * Closes the book on a recording: header made true, peaks computed from the samples in the file and written beside it,
 * the file hashed. Reads the whole file; runs on the files thread.
 */
export async function sealRecording(dataDir: string, path: string, story: RecordingStory): Promise<RecordingReport> {
  const file = await open(join(dataDir, path), 'r+');
  try {
    await repairHeader(file);
    const { peaks, samples, bytes, sha256 } = await measure(file);
    await file.sync();
    const peaksPath = peaksPathOf(path);
    const peaksFile: PeaksFile = {
      version: 1,
      sampleRateHz: recordingFormat.sampleRateHz,
      samplesPerPeak,
      channels: recordingFormat.channels,
      samples,
      ...story,
      peaks,
    };
    await replaceFile(join(dataDir, peaksPath), JSON.stringify(peaksFile));
    await rm(join(dataDir, storyPathOf(path)), { force: true });
    return { path, peaksPath, samples, bytes, sha256, ...story };
  } finally {
    await file.close();
  }
}

/**
 * Seals a recording whose writer is gone, by what was noted beside it. What was to be silent is silenced again: the
 * writer may have died before it came to that.
 */
export async function sealUnfinished(dataDir: string, path: string, failure: string): Promise<RecordingReport> {
  const noted = await readNotedStory(join(dataDir, path));
  const samples = await silenceInFile(join(dataDir, path), noted.silenced);
  return sealRecording(dataDir, path, {
    silenced: within(noted.silenced, samples),
    unredacted: within(noted.unredacted, samples),
    failure,
  });
}

/** Silences stretches of a closed recording and seals it anew. @throws SidetoneError `not-found` */
export async function redactRecording(
  dataDir: string,
  callId: string,
  silence: readonly SampleRange[],
): Promise<RecordingReport> {
  const path = await locateRecording(dataDir, callId);
  if (path === undefined) throw new SidetoneError('not-found', 'no recording of this call');
  const story = await readStory(dataDir, path);
  await silenceInFile(join(dataDir, path), silence);
  const silenced = new SilenceRanges();
  for (const range of [...story.silenced, ...silence]) silenced.add(range.startSample, range.endSample);
  return sealRecording(dataDir, path, { ...story, silenced: silenced.list });
}

/** Removes a closed recording and its peaks; nothing happens where there is none. */
export async function removeRecording(dataDir: string, callId: string): Promise<void> {
  const path = await locateRecording(dataDir, callId);
  if (path === undefined) return;
  await rm(join(dataDir, peaksPathOf(path)), { force: true });
  await rm(join(dataDir, storyPathOf(path)), { force: true });
  await rm(join(dataDir, path), { force: true });
}

/** Returns the number of samples in the file. */
async function silenceInFile(path: string, silence: readonly SampleRange[]): Promise<number> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const dataBytes = Math.max(0, size - wavHeaderBytes);
    for (const range of silence) await zeroRange(file, range, dataBytes);
    return Math.floor(dataBytes / recordingFrameBytes);
  } finally {
    await file.close();
  }
}

function within(ranges: readonly SampleRange[], samples: number): readonly SampleRange[] {
  return ranges
    .map(({ startSample, endSample }) => ({ startSample, endSample: Math.min(endSample, samples) }))
    .filter(({ startSample, endSample }) => endSample > startSample);
}

async function readStory(dataDir: string, path: string): Promise<RecordingStory> {
  try {
    const peaks = JSON.parse(await readFile(join(dataDir, peaksPathOf(path)), 'utf8')) as PeaksFile;
    return { silenced: peaks.silenced, unredacted: peaks.unredacted, failure: peaks.failure };
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT' && !(thrown instanceof SyntaxError)) throw thrown;
    return { ...(await readNotedStory(join(dataDir, path))), failure: null };
  }
}

/** After a kill the header may promise less than there is, or half a frame may hang over. */
async function repairHeader(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const dataBytes = Math.max(0, size - wavHeaderBytes);
  const whole = dataBytes - (dataBytes % recordingFrameBytes);
  if (whole !== dataBytes) await file.truncate(wavHeaderBytes + whole);
  await file.write(wavHeader(recordingFormat, whole), 0, wavHeaderBytes, 0);
}

async function measure(
  file: FileHandle,
): Promise<{ peaks: readonly number[]; samples: number; bytes: number; sha256: string }> {
  const layout = await readWavLayout(file);
  const head = Buffer.alloc(layout.dataOffsetBytes);
  await file.read(head, 0, head.length, 0);
  const hash = createHash('sha256').update(head);
  const meter = new PeakMeter();
  let bytes = head.length;
  for await (const block of wavBlocks(file, layout)) {
    hash.update(block);
    bytes += block.length;
    const frames = block.length / recordingFrameBytes;
    const channels = [new Int16Array(frames), new Int16Array(frames)] as const;
    deinterleave(block, layout.encoding, channels, 0);
    meter.push(...channels);
  }
  return {
    peaks: meter.finish(),
    samples: layout.dataBytes / recordingFrameBytes,
    bytes,
    sha256: hash.digest('hex'),
  };
}

async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  await writeFile(fresh, text, { mode: 0o600, flush: true });
  await rename(fresh, path);
}
