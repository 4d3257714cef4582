import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '#lib/testing/random.ts';
import { ChannelSound, type SoundFact } from '../asr/sound/channel-sound.ts';
import { loadSileroVad, vadFrameSamples, type Vad } from '../asr/vad/silero.ts';
import { decodeFile, overTheLine, readManifest, shuffled } from './asr/clips.ts';
import { allSounds } from './asr/sounds.ts';

/**
 * What is heard on a line besides words: tones and music that are found, those that are found in people's speech and
 * should not be, and the CPU time of all of it beside the voice activity detector's in the same run. Prints JSON.
 */
const { values: options } = parseArgs({
  options: {
    speech: { type: 'string', default: '../shared/speech' },
    corpora: { type: 'string', default: 'librispeech_tc100_sample,kathleen_arctic,alphanumeric,speechocean762' },
    minutes: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: '9' },
  },
});
const vad = await loadSileroVad();
const spent = { vadS: 0, soundS: 0, audioS: 0 };

interface Heard {
  readonly audioS: number;
  readonly kinds: Readonly<Record<string, { readonly stretches: number; readonly seconds: number }>>;
}

async function listen(pcm: Int16Array, detector: Vad): Promise<Heard> {
  const facts: SoundFact[] = [];
  const sound = new ChannelSound(0, (fact) => facts.push(fact));
  const stream = detector.createStream();
  const whole = pcm.length - (pcm.length % vadFrameSamples);
  const probabilities = new Float32Array(whole / vadFrameSamples);
  const started = process.cpuUsage();
  for (let at = 0; at < whole; at += vadFrameSamples) {
    const [probability = 0] = await detector.detect([{ stream, pcm, offset: at }]);
    probabilities[at / vadFrameSamples] = probability;
  }
  const detected = process.cpuUsage(started);
  const between = process.cpuUsage();
  for (let at = 0; at < whole; at += vadFrameSamples) {
    sound.heard(at, pcm.subarray(at, at + vadFrameSamples), probabilities[at / vadFrameSamples] ?? 0);
  }
  sound.end(whole);
  const heard = process.cpuUsage(between);
  spent.vadS += (detected.user + detected.system) / 1e6;
  spent.soundS += (heard.user + heard.system) / 1e6;
  spent.audioS += whole / 8000;
  const stretches = facts.flatMap((fact) => (fact.type === 'sound' ? [fact] : []));
  const kinds = Object.fromEntries(
    [...Map.groupBy(stretches, ({ kind }) => kind)].map(([kind, of]) => [
      kind,
      {
        stretches: of.length,
        seconds: Math.round(of.reduce((sum, each) => sum + each.endSample - each.startSample, 0) / 800) / 10,
      },
    ]),
  );
  return { audioS: Math.round(whole / 8000), kinds };
}

/** Utterances one after the other as they are, then the same without any pause: the hardest speech there is. */
function speechOf(corpus: string, minutes: number): Int16Array {
  const random = seededRandom(Number(options.seed));
  const parts: Int16Array[] = [];
  let samples = 0;
  for (const row of shuffled(readManifest(join(options.speech, corpus)), random)) {
    if (samples > minutes * 60 * 8000) break;
    const part = decodeFile(row.path);
    parts.push(part);
    samples += part.length;
  }
  return overTheLine(joined(parts));
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function withoutPauses(pcm: Int16Array): Int16Array {
  const blocks: Int16Array[] = [];
  for (let at = 0; at + 400 <= pcm.length; at += 400) {
    const block = pcm.subarray(at, at + 400);
    if (block.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) > 500) blocks.push(block);
  }
  return joined(blocks);
}

/** Somebody talks over the music, 6 dB louder: what an announcement sounds like, and nearest to singing that is here. */
function over(music: Int16Array, voice: Int16Array): Int16Array {
  return voice.map((sample, n) => Math.max(-32_768, Math.min(32_767, sample + (music[n % music.length] ?? 0) / 2)));
}

const sounds = [];
for (const sound of allSounds()) {
  const heard = await listen(sound.make(Number(options.seconds)), vad);
  sounds.push({ sound: sound.name, ...heard });
  console.error(JSON.stringify(sounds.at(-1)));
}
const speech = [];
for (const corpus of options.corpora.split(',')) {
  const pcm = speechOf(corpus, Number(options.minutes));
  speech.push({ corpus, asItIs: await listen(pcm, vad), withoutPauses: await listen(withoutPauses(pcm), vad) });
  console.error(JSON.stringify(speech.at(-1)));
}
const [piece] = readdirSync('/usr/share/asterisk/moh').filter((name) => name.endsWith('.wav'));
const voice = speechOf('vctk_p239', 2);
const overMusic =
  piece === undefined ? null : await listen(over(decodeFile(join('/usr/share/asterisk/moh', piece)), voice), vad);
const share = {
  ofVad: Math.round((spent.soundS / spent.vadS) * 1000) / 1000,
  ofACore: spent.soundS / spent.audioS,
  vadOfACore: spent.vadS / spent.audioS,
};
console.log(JSON.stringify({ sounds, speech, overMusic, cpu: { ...spent, share } }, null, 2));
await vad.close();
