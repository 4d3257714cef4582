/**
 * Speaks demo/script.json with flite (Debian package `flite`) into demo/caller.wav and demo/callee.wav: 8 kHz mono
 * mu-law, both of one length, each silent while the other speaks. Run by hand after a change of the script:
 *
 *     node demo/make-audio.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resample } from '#lib/audio/resample.ts';
import { readWav } from '#lib/audio/wav.ts';
import { talkSides, type TalkSide } from '#sip/types.ts';
import { writeMonoWav } from '../cli/softphone/save.ts';
import { readDemoScript } from './script.ts';

const rateHz = 8000;
const gapSamples = 0.6 * rateHz;
const leadSamples = 1 * rateHz;
const here = import.meta.dirname;

async function speak(text: string, voice: string, dir: string): Promise<Int16Array> {
  const path = join(dir, 'turn.wav');
  execFileSync('flite', ['-voice', voice, '--setf', 'duration_stretch=1.1', '-t', text, '-o', path]);
  const { sampleRateHz, channels } = await readWav(path);
  return resample(channels[0] ?? new Int16Array(0), sampleRateHz, rateHz);
}

const script = readDemoScript(readFileSync(join(here, 'script.json'), 'utf8'));
const dir = mkdtempSync(join(tmpdir(), 'sidetone-demo-'));
const turns: { side: TalkSide; pcm: Int16Array; startSample: number; secretSample: number | undefined }[] = [];
let at = leadSamples;
for (const { side, text, secret } of script.turns) {
  const spoken = await speak(text, script.voices[side], dir);
  const rest = secret === undefined ? new Int16Array(0) : await speak(secret, script.voices[side], dir);
  const pcm = new Int16Array(spoken.length + rest.length);
  pcm.set(spoken);
  pcm.set(rest, spoken.length);
  turns.push({ side, pcm, startSample: at, secretSample: secret === undefined ? undefined : at + spoken.length });
  at += pcm.length + gapSamples;
}
rmSync(dir, { recursive: true });

for (const side of talkSides) {
  const track = new Int16Array(at + leadSamples);
  for (const turn of turns) if (turn.side === side) track.set(turn.pcm, turn.startSample);
  writeMonoWav(join(here, `${side}.wav`), track);
}
const times = turns.map(({ side, pcm, startSample, secretSample }) => ({
  side,
  startMs: startSample / 8,
  endMs: (startSample + pcm.length) / 8,
  ...(secretSample === undefined ? {} : { secretMs: secretSample / 8 }),
}));
writeFileSync(join(here, 'script.times.json'), `${JSON.stringify(times, null, 2)}\n`);
