import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Utterance } from '#analytics/types.ts';
import { readWav } from '#lib/audio/wav.ts';
import { wavHeader } from '#lib/audio/wav-format.ts';
import { tone, toneShare } from '#lib/testing/tones.ts';
import { sampleRateHz } from '#media/types.ts';
import { normaliseWords } from '../../asr/text/normalise.ts';
import { repository } from '../server.ts';

const toneS = 2;
const quietS = 20;

/** A WAV that a phone can play: two seconds of a tone, then a sentence of test/speech, then silence. */
export async function writeToneAndSentence(path: string, hz: number, sentence: string): Promise<void> {
  const { channels } = await readWav(join(repository, 'test/speech', `${sentence}.wav`));
  const speech = channels[0] ?? new Int16Array(0);
  const gap = sampleRateHz / 2;
  const pcm = new Int16Array((toneS + quietS) * sampleRateHz);
  pcm.set(tone(hz, toneS * sampleRateHz));
  pcm.set(speech, toneS * sampleRateHz + gap);
  const bytes = Buffer.from(pcm.buffer);
  writeFileSync(
    path,
    Buffer.concat([wavHeader({ encoding: 'pcm16', sampleRateHz, channels: 1 }, bytes.length), bytes]),
  );
}

/** Share of a frequency in one second of the tone at the start of what a phone played (see above). */
export function shareOfOpeningTone(pcm: Int16Array, hz: number): number {
  const onset = pcm.findIndex((sample) => Math.abs(sample) > 2000);
  if (onset < 0) return 0;
  const start = onset + 0.4 * sampleRateHz;
  return toneShare(pcm.subarray(start, start + sampleRateHz), hz);
}

/** Both channels of a recording that came as bytes. */
export async function readRecording(bytes: ArrayBuffer): Promise<{ caller: Int16Array; callee: Int16Array }> {
  const dir = mkdtempSync(join(tmpdir(), 'sidetone-wav-'));
  try {
    const path = join(dir, 'call.wav');
    writeFileSync(path, Buffer.from(bytes));
    const { channels } = await readWav(path);
    return { caller: channels[0] ?? new Int16Array(0), callee: channels[1] ?? new Int16Array(0) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Share of the words of a sentence of test/speech that a side is on record with. */
export function wordsHeard(transcript: readonly Utterance[], side: string, sentence: string): number {
  const lines = readFileSync(join(repository, 'test/speech/manifest.jsonl'), 'utf8').trim().split('\n');
  const script = lines.map((line) => JSON.parse(line) as { readonly path: string; readonly text: string });
  const words = normaliseWords(script.find(({ path }) => path === `${sentence}.wav`)?.text ?? '');
  const said = new Set(normaliseWords(transcript.flatMap((each) => (each.side === side ? [each.text] : [])).join(' ')));
  return words.filter((word) => said.has(word)).length / words.length;
}
