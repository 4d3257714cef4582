import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sampleRateHz, trimSilence, type SpeechSource } from './synthesise.ts';

const digitWords = 'zero one two three four five six seven eight nine'.split(' ');
/** Between two spliced digits. */
const gapMs = 120;

/**
 * Digits of human voices, put together from recordings of single digits. `folder` holds files named
 * `{digit}_{speaker}_{take}.{any audio ffmpeg reads}`, as the Free Spoken Digit Dataset does; the voice number picks
 * the speaker. Says only texts that consist of `zero` ... `nine`.
 */
export function splicedDigits(folder: string): SpeechSource {
  const takes = new Map<string, string[]>();
  const speakers = new Set<string>();
  for (const file of readdirSync(folder).sort()) {
    const [, digit, speaker] = /^(\d)_([a-z]+)_\d+\.\w+$/.exec(file) ?? [];
    if (digit === undefined || speaker === undefined) continue;
    speakers.add(speaker);
    takes.set(`${speaker} ${digit}`, [...(takes.get(`${speaker} ${digit}`) ?? []), join(folder, file)]);
  }
  const names = [...speakers].sort();
  return (text, voice) => {
    const digits = text.split(' ').map((word) => digitWords.indexOf(word));
    const speaker = names[voice % names.length];
    if (digits.includes(-1) || speaker === undefined) return null;
    const sounds = digits.map((digit, index) => {
      const files = takes.get(`${speaker} ${digit}`) ?? [];
      // Another take each time, so that a double digit is not the same sound twice.
      return decode(files[(voice + index) % files.length] ?? '');
    });
    const gap = new Int16Array((gapMs * sampleRateHz) / 1000);
    return concatenate(sounds.flatMap((sound, index) => (index === 0 ? [sound] : [gap, sound])));
  };
}

function decode(file: string): Int16Array {
  const args = ['-v', 'error', '-i', file, '-f', 's16le', '-ac', '1', '-ar', String(sampleRateHz), '-'];
  const { status, stdout } = spawnSync('ffmpeg', args, { maxBuffer: 64 * 2 ** 20 });
  if (status !== 0) throw new Error('ffmpeg could not read a recording of a digit');
  return trimSilence(new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.length & ~1))));
}

function concatenate(sounds: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(sounds.reduce((sum, sound) => sum + sound.length, 0));
  let at = 0;
  for (const sound of sounds) {
    whole.set(sound, at);
    at += sound.length;
  }
  return whole;
}
