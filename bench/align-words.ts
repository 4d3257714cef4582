import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { upsample8to16 } from '../asr/engines/moonshine/resample.ts';
import { readCorpora, readTelephoneAudio } from '../asr/eval/utterances.ts';
import { wavHeader } from '../lib/audio/wav-format.ts';

/**
 * `node bench/align-words.ts --speech DIR --out DIR [--limit 60]`: aligned material for `sidetone eval times`, of as many
 * voices as the corpus has. Debian's pocketsphinx is made to recognise exactly what is said (a grammar of one path, each
 * word in any of its pronunciations, silence where it likes), which gives the time of each word in frames of 10 ms, by a
 * model that has nothing in common with ours. Utterances with a word that its dictionary lacks are left out.
 */
const { values } = parseArgs({
  options: { speech: { type: 'string' }, out: { type: 'string' }, limit: { type: 'string', default: '60' } },
});
if (values.speech === undefined || values.out === undefined) throw new RangeError('--speech DIR --out DIR');
const out = values.out;
const model = '/usr/share/pocketsphinx/model/en-us';
const dictionary = new Set(
  (await readFile(join(model, 'cmudict-en-us.dict'), 'utf8')).split('\n').map((line) => line.split(/[\s(]/)[0] ?? ''),
);
const utterances = (await readCorpora(values.speech)).flatMap((corpus) => corpus.utterances);
const known = utterances
  .map(({ path, text }) => ({
    path,
    words: text
      .toLowerCase()
      .replaceAll(/[^a-z' ]+/g, ' ')
      .split(' ')
      .filter((word) => word !== ''),
  }))
  .filter(({ words }) => words.length > 0 && words.every((word) => dictionary.has(word)));
const limit = Math.min(Number(values.limit), known.length);
const chosen = Array.from({ length: limit }, (_, index) => known[Math.floor((index * known.length) / limit)]!);

await mkdir(join(out, 'work'), { recursive: true });
const ids = chosen.map((_, index) => `aligned-${index}`);
for (const [index, { path, words }] of chosen.entries()) {
  const pcm = await readTelephoneAudio(path);
  const id = ids[index] ?? '';
  const sound = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const header = wavHeader({ encoding: 'pcm16', sampleRateHz: 8000, channels: 1 }, sound.length);
  await writeFile(join(out, `${id}.wav`), Buffer.concat([header, sound]));
  await writeFile(
    join(out, 'work', `${id}.raw`),
    Int16Array.from(upsample8to16(pcm), (sample) => sample * 32_768),
  );
  await writeFile(join(out, 'work', `${id}.fsg`), grammarOf(words));
}
const list = join(out, 'work', 'list');
await writeFile(list, ids.map((id) => `${id}\n`).join(''));
const segments = join(out, 'work', 'segments');
const settings = {
  hmm: join(model, 'en-us'),
  dict: join(model, 'cmudict-en-us.dict'),
  adcin: 'yes',
  cepdir: join(out, 'work'),
  cepext: '.raw',
  ctl: list,
  fsgdir: join(out, 'work'),
  fsgctl: list,
  fsgext: '.fsg',
  bestpath: 'no',
  // Else frames of silence are taken out, and times with them.
  remove_silence: 'no',
  beam: '1e-80',
  wbeam: '1e-60',
  pbeam: '1e-80',
  hypseg: segments,
};
const flags = Object.entries(settings).flatMap(([key, value]) => [`-${key}`, value]);
await promisify(execFile)('pocketsphinx_batch', flags, { maxBuffer: 2 ** 28 });
const lines: string[] = [];
for (const line of (await readFile(segments, 'utf8')).split('\n')) {
  const aligned = alignment(line);
  if (aligned !== undefined) lines.push(aligned);
}
await writeFile(join(out, 'alignment.txt'), lines.join(''));
console.log(JSON.stringify({ utterances: chosen.length, aligned: lines.length }));

function grammarOf(words: readonly string[]): string {
  const steps = words.map((word, index) => `TRANSITION ${index} ${index + 1} 1.0 ${word}\n`).join('');
  return `FSG_BEGIN said\nNUM_STATES ${words.length + 1}\nSTART_STATE 0\nFINAL_STATE ${words.length}\n${steps}FSG_END\n`;
}

/**
 * From `ID S score T score A score L score frame score score word ... frame` to a line of alignment.txt; undefined where the
 * words did not fit the sound.
 */
function alignment(line: string): string | undefined {
  const [id = '', ...fields] = line.trim().split(/\s+/);
  const index = ids.indexOf(id);
  if (index < 0) return undefined;
  const rest = fields.slice(fields[0] === 'S' ? 8 : 0);
  const words: string[] = [];
  const ends: string[] = [];
  for (let at = 0; at + 3 < rest.length; at += 4) {
    const word = (rest[at + 3] ?? '').replace(/\(\d+\)$/, '');
    const isWord = /^[a-z']/.test(word);
    words.push(isWord ? word.toUpperCase() : '');
    ends.push((Number(rest[at + 4]) / 100).toFixed(2));
  }
  const said = words
    .filter((word) => word !== '')
    .join(' ')
    .toLowerCase();
  if (said !== chosen[index]?.words.join(' ')) return undefined;
  return `${id} "${words.join(',')}" "${ends.join(',')}"\n`;
}
