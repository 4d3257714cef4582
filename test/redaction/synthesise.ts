import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TalkSide } from '#sip/types.ts';
import { placeParts, secretStretches, type CallScript, type PlacedPart, type SecretStretch } from './script.ts';
import { voices } from './voices.ts';

/** Scripts as sound: each side one channel of 8 kHz 16-bit PCM, with the exact times of everything secret. */

interface KeyPress {
  readonly side: TalkSide;
  readonly atMs: number;
  readonly durationMs: number;
  /** To be sent as telephone-event (RFC 4733); it is not in the sound. */
  readonly digit: string;
}

export interface SynthesisedCall {
  readonly pcm: Readonly<Record<TalkSide, Int16Array>>;
  readonly lengthMs: number;
  readonly placed: readonly PlacedPart[];
  readonly stretches: readonly SecretStretch[];
  readonly keys: readonly KeyPress[];
}

/** One saying of a text, 8 kHz, without silence at its ends; null when this source cannot say it. */
export type SpeechSource = (text: string, voice: number) => Int16Array | null;

export const sampleRateHz = 8000;
const turnGapMs = 900;
const tailMs = 1500;
const keyMs = 100;

/** `sources` are asked in turn; the last ought to be `machineVoice`. */
export function synthesiseCall(script: CallScript, sources: readonly SpeechSource[] = [machineVoice]): SynthesisedCall {
  const sounds = new Map<object, Int16Array>();
  const placed = placeParts(script, turnGapMs, (part, side) => {
    const sound = speak(part.text, script.voice[side], sources);
    sounds.set(part, sound);
    return Math.ceil((sound.length * 1000) / sampleRateHz);
  });
  const lengthMs = (placed.at(-1)?.endMs ?? 0) + tailMs;
  const empty = (): Int16Array => new Int16Array((lengthMs * sampleRateHz) / 1000);
  const pcm = { caller: empty(), callee: empty() };
  const keys: KeyPress[] = [];
  for (const { side, part, startMs } of placed) {
    const sound = sounds.get(part);
    if (sound) pcm[side].set(sound, (startMs * sampleRateHz) / 1000);
    part.keys.split('').forEach((digit, index) => {
      keys.push({ side, atMs: startMs + index * 2 * keyMs, durationMs: keyMs, digit });
    });
  }
  return { pcm, lengthMs, placed, stretches: secretStretches(placed), keys };
}

function speak(text: string, voice: number, sources: readonly SpeechSource[]): Int16Array {
  for (const source of sources) {
    const sound = source(text, voice);
    if (sound) return sound;
  }
  throw new Error('No speech source could say a part of the script');
}

const required = ['espeak-ng', 'flite', 'sox'] as const;

/** The first program that is not installed; null when all are. */
export function missingProgram(): string | null {
  return required.find((program) => spawnSync(program, ['--version']).error !== undefined) ?? null;
}

const said = new Map<string, Int16Array>();

/** espeak-ng or flite, brought to 8 kHz by sox. */
export function machineVoice(text: string, voice: number): Int16Array {
  const { program, name, pace } = voices[voice % voices.length]!;
  const key = `${program} ${name} ${text}`;
  const known = said.get(key);
  if (known) return known;
  // flite goes back in its file to write the header: it needs a real one.
  const folder = mkdtempSync(join(tmpdir(), 'voice-'));
  const wav = join(folder, 'said.wav');
  if (program === 'espeak-ng') output(program, ['-w', wav, '-v', name, '-s', String(pace), text]);
  else output(program, ['-voice', name, '--setf', `duration_stretch=${pace / 100}`, '-t', text, '-o', wav]);
  const toRaw = ['-t', 'raw', '-e', 'signed', '-b', '16', '-c', '1', '-r', String(sampleRateHz), '-'];
  const raw = output('sox', ['-D', '-V1', wav, ...toRaw, 'gain', '-n', '-6']);
  rmSync(folder, { recursive: true });
  const sound = trimSilence(new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + (raw.length & ~1))));
  said.set(key, sound);
  return sound;
}

function output(program: string, args: readonly string[]): Buffer {
  const result = spawnSync(program, args, { maxBuffer: 64 * 2 ** 20 });
  if (result.status !== 0) throw new Error(`${program} failed: ${result.error?.message ?? result.stderr.toString()}`);
  return result.stdout;
}

/** About -50 dBFS: quieter than the softest beginning of a spoken digit. */
const silentBelow = 100;

export function trimSilence(pcm: Int16Array): Int16Array {
  const loud = (sample: number): boolean => Math.abs(sample) >= silentBelow;
  return pcm.slice(Math.max(0, pcm.findIndex(loud)), pcm.findLastIndex(loud) + 1);
}
