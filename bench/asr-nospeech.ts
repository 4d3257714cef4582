import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { loadMoonshine } from '../asr/engines/moonshine/moonshine.ts';
import type { AsrEvent } from '../asr/types.ts';
import { loadSileroVad } from '../asr/vad/silero.ts';
import { createLogger } from '../lib/log.ts';
import { seededRandom } from '#lib/testing/random.ts';
import { decodeFile, overTheLine, readManifest, shuffled } from './asr/clips.ts';
import { simulate } from '../asr/eval/live/simulate.ts';
import { allSounds } from './asr/sounds.ts';

/**
 * What gives no words: sounds of the line, ten minutes each, must not give one; isolated digits and "yes" and "no", in
 * the same run with the same settings, must. Prints JSON.
 */
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    words: { type: 'string', default: '200' },
    speech: { type: 'string', default: '../shared/speech' },
    only: { type: 'string' },
    seed: { type: 'string', default: '5' },
    cache: { type: 'string', default: '.cache/asr' },
    show: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const parts = {
  vad: await loadSileroVad(),
  engine: await loadMoonshine({ cacheDir: options.cache, threads: 1, logger: createLogger('warn') }),
  slowness: 0,
};

async function listen(pcm: Int16Array): Promise<AsrEvent[]> {
  const events: AsrEvent[] = [];
  await simulate(new Map([['x', { caller: pcm, callee: new Int16Array(0) }]]), parts, (event) => {
    if (event.type !== 'progress') events.push(event);
    if (options.show && (event.type === 'final' || event.type === 'no-words')) console.error(JSON.stringify(event));
  });
  return events;
}

const sounds: unknown[] = [];
for (const sound of allSounds()) {
  if (options.only !== undefined && !sound.name.includes(options.only)) continue;
  const events = await listen(sound.make(seconds));
  const finals = events.flatMap((event) => (event.type === 'final' ? [event] : []));
  const partials = events.flatMap((event) => (event.type === 'partial' ? event.words : []));
  const row = {
    sound: sound.name,
    seconds,
    noWords: events.filter((event) => event.type === 'no-words').length,
    finals: finals.length,
    words: finals.reduce((sum, event) => sum + event.words.length, 0),
    wordsInPartials: partials.length,
    texts: finals.slice(0, 5).map((event) => `${event.text.slice(0, 40)} (${event.confidence.toFixed(2)})`),
  };
  console.error(JSON.stringify(row));
  sounds.push(row);
}

/** Half from each corpus of digits, and every "yes" and "no" there is. */
function isolatedWords(count: number): { readonly path: string; readonly text: string }[] {
  const random = seededRandom(Number(options.seed));
  const digits = new Set('zero one two three four five six seven eight nine'.split(' '));
  const rows = (folder: string, wanted: (text: string) => boolean): { path: string; text: string }[] => {
    const whole = join(options.speech, folder);
    if (!existsSync(whole)) return [];
    return shuffled(
      readManifest(whole).filter((row) => wanted(row.text.toLowerCase())),
      random,
    );
  };
  const yesNo = ['an4', 'asterisk_prompts'].flatMap((folder) =>
    rows(folder, (text) => text === 'yes' || text === 'no'),
  );
  const half = Math.ceil((count - yesNo.length) / 2);
  const isDigit = (text: string): boolean => digits.has(text);
  return [...yesNo, ...rows('speech_commands_9w', isDigit).slice(0, half), ...rows('fsdd', isDigit).slice(0, half)];
}

const words = isolatedWords(Number(options.words)).slice(0, Number(options.words));
const line = new Int16Array(words.length * 4 * 8000);
const random = seededRandom(3);
for (let i = 0; i < line.length; i += 1) line[i] = Math.round((random() - 0.5) * 16);
words.forEach((word, index) => line.set(decodeFile(word.path).subarray(0, 3 * 8000), index * 4 * 8000 + 8000));
const events = words.length === 0 ? [] : await listen(overTheLine(line));
const empty: string[] = [];
let right = 0;
words.forEach((word, index) => {
  const inside = events.filter(
    (event) => 'startMs' in event && event.startMs < index * 4000 + 4000 && event.endMs > index * 4000 + 600,
  );
  const text = inside.flatMap((event) => (event.type === 'final' ? [event.text] : [])).join(' ');
  if (text === '') empty.push(`${word.text}${inside.length === 0 ? ' (not heard)' : ' (no words)'}`);
  if (text.toLowerCase().replaceAll(/[^a-z]/g, '') === word.text.toLowerCase()) right += 1;
});
console.log(
  JSON.stringify({ sounds, isolated: { words: words.length, empty: empty.length, right, which: empty } }, null, 2),
);
