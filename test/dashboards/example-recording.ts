import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RecordingReport } from '#media/types.ts';
import type { ExampleCall } from './example-call.ts';

const sampleRateHz = 8000;
const samplesPerPeak = 400;
const durationMs = 45_000;
/** A pitch for each side, so that an ear can tell who is heard. */
const pitchHz = { caller: 190, callee: 320 };

/**
 * Writes a recording as media/ would: stereo mu-law WAV, peaks beside it, zero samples where something was redacted. Each word is a tone under a bump, so that the waveform looks like talk.
 */
export function writeExampleRecording(dataDir: string, example: ExampleCall): RecordingReport {
  const { callId } = example.call;
  const samples = (durationMs / 1000) * sampleRateHz;
  const pcm = new Int16Array(samples * 2);
  for (const { side, words } of example.utterances) {
    if (side !== 'caller' && side !== 'callee') continue;
    for (const word of words) speak(pcm, side === 'caller' ? 0 : 1, pitchHz[side], word.startMs, word.endMs);
  }
  const silenced = example.redactions.map(({ startMs, endMs }) => ({
    startSample: startMs * 8,
    endSample: endMs * 8,
  }));
  for (const { startSample, endSample } of silenced) pcm.fill(0, startSample * 2, endSample * 2);
  const path = `recordings/${callId}.wav`;
  const peaksPath = `recordings/${callId}.peaks.json`;
  const file = Buffer.concat([wavHeader(pcm.length), Uint8Array.from(pcm, muLaw)]);
  mkdirSync(dirname(join(dataDir, path)), { recursive: true });
  writeFileSync(join(dataDir, path), file);
  const story = { silenced, unredacted: [], failure: null };
  writeFileSync(
    join(dataDir, peaksPath),
    JSON.stringify({ version: 1, sampleRateHz, samplesPerPeak, channels: 2, samples, ...story, peaks: peaksOf(pcm) }),
  );
  const sha256 = createHash('sha256').update(file).digest('hex');
  return { path, peaksPath, samples, bytes: file.length, sha256, ...story };
}

function speak(pcm: Int16Array, channel: 0 | 1, hz: number, startMs: number, endMs: number): void {
  const start = startMs * 8;
  const length = (endMs - startMs) * 8;
  const loudness = 5000 + ((startMs * 7919) % 9000);
  for (let i = 0; i < length; i++) {
    const bump = Math.sin((Math.PI * i) / length) ** 0.7;
    const tone =
      Math.sin((2 * Math.PI * hz * i) / sampleRateHz) + 0.4 * Math.sin((2 * Math.PI * hz * 2.01 * i) / sampleRateHz);
    pcm[(start + i) * 2 + channel] = Math.round(loudness * bump * tone);
  }
}

/** ITU-T G.711: sign, three bits of exponent, four of mantissa, all inverted. */
function muLaw(sample: number): number {
  const biased = Math.min(Math.abs(sample), 32_635) + 132;
  const exponent = Math.max(0, 24 - Math.clz32(biased));
  const mantissa = (biased >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

function wavHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(58);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(50 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(18, 16);
  header.writeUInt16LE(7, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(8, 34);
  header.write('fact', 38, 'latin1');
  header.writeUInt32LE(4, 42);
  header.writeUInt32LE(dataBytes / 2, 46);
  header.write('data', 50, 'latin1');
  header.writeUInt32LE(dataBytes, 54);
  return header;
}

function peaksOf(pcm: Int16Array): readonly number[] {
  const peaks: number[] = [];
  for (let at = 0; at < pcm.length; at += samplesPerPeak * 2) {
    const extremes = [0, 0, 0, 0];
    for (let i = at; i < Math.min(pcm.length, at + samplesPerPeak * 2); i++) {
      const lane = (i % 2) * 2;
      extremes[lane] = Math.min(extremes[lane] ?? 0, pcm[i] ?? 0);
      extremes[lane + 1] = Math.max(extremes[lane + 1] ?? 0, pcm[i] ?? 0);
    }
    peaks.push(...extremes.map((extreme) => extreme >> 8));
  }
  return peaks;
}
