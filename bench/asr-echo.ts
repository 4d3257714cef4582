import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '#lib/testing/random.ts';
import { EchoJudge } from '../asr/sound/echo/judge.ts';
import { longestDelay } from '../asr/sound/echo/delay.ts';
import { isAllEcho, isEcho } from '../asr/sound/echo/verdict.ts';
import { decodeFile, overTheLine, readManifest, shuffled } from './asr/clips.ts';

/**
 * Echo and cross-talk between two channels, as pairs of people's utterances: of one the other channel carries an echo
 * (delayed, fainter, through a room), alone or under somebody's own words. `missed`: echo that was not known for one.
 * `lost`: words of a person that were taken for echo; the one figure that must be nothing. Prints JSON.
 */
const { values: options } = parseArgs({
  options: {
    speech: { type: 'string', default: '../shared/speech' },
    corpora: { type: 'string', default: 'cmu_arctic_bdl_slt,an4' },
    pairs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '21' },
  },
});
const random = seededRandom(Number(options.seed));
const utterances = options.corpora.split(',').flatMap((corpus) => {
  const folder = join(options.speech, corpus);
  if (!existsSync(folder)) return [];
  return shuffled(readManifest(folder), random).slice(0, Number(options.pairs) * 2);
});
const decoded = shuffled(utterances, random)
  .slice(0, Number(options.pairs) * 2)
  .map((row) => ({ pcm: normalised(decodeFile(row.path)), speaker: row.speaker }));

/** To -23 dBFS. */
function normalised(pcm: Int16Array): Int16Array {
  const rms = Math.sqrt(pcm.reduce((sum, sample) => sum + sample ** 2, 0) / Math.max(1, pcm.length));
  return pcm.map((sample) => Math.max(-32_000, Math.min(32_000, (sample * 2300) / Math.max(1, rms))));
}

/** An echo path: the direct sound and a decaying tail, of a hybrid (2 ms) or a room (60 ms). */
function path(tailMs: number): Float64Array {
  const taps = Float64Array.from({ length: tailMs * 8 * 2 }, (_, n) =>
    n === 0 ? 1 : (random() - 0.5) * 0.5 * Math.exp(-n / (tailMs * 8 * 0.4)),
  );
  return taps;
}

/** `far` as it comes back: `db` fainter, `delayMs` later, on a line with noise at -62 dBFS. */
function echoOf(far: Int16Array, db: number, delayMs: number, tailMs: number, samples: number): Float64Array {
  const taps = path(tailMs);
  const scale = 10 ** (db / 20) / Math.sqrt(taps.reduce((sum, tap) => sum + tap * tap, 0));
  const delay = delayMs * 8;
  return Float64Array.from({ length: samples }, (_, n) => {
    let value = 0;
    for (let tap = 0; tap < taps.length; tap += 1) value += taps[tap]! * (far[n - delay - tap] ?? 0);
    return value * scale + (random() - 0.5) * 90;
  });
}

function beforeAll(far: Int16Array, until: number): Int16Array {
  const padded = new Int16Array(longestDelay + until);
  padded.set(far.subarray(0, until), longestDelay);
  return padded;
}

interface Tally {
  tried: number;
  known: number;
}
const rows: unknown[] = [];
const started = process.cpuUsage();
for (const [tail, tailMs] of [
  ['hybrid', 2],
  ['room', 60],
] as const) {
  for (const db of [-6, -12, -20, -30, -40]) {
    const alone: Tally = { tried: 0, known: 0 };
    for (let pair = 0; pair + 1 < decoded.length; pair += 2) {
      const far = overTheLine(decoded[pair]!.pcm);
      const delayMs = 20 + Math.floor(random() * 280);
      const whole = overTheLine(
        Int16Array.from(echoOf(far, db, delayMs, tailMs, far.length + delayMs * 8), Math.round),
      );
      const near = whole.subarray(delayMs * 8);
      const view = new EchoJudge(true).look(near, beforeAll(far, whole.length).subarray(delayMs * 8));
      alone.tried += 1;
      if (isAllEcho(view)) alone.known += 1;
    }
    rows.push({ tail, db, echoAlone: alone.tried, missed: alone.tried - alone.known });
    console.error(JSON.stringify(rows.at(-1)));
  }
}

/** Two people at once, with an echo of one under the other or without: nothing of the other's may be lost. */
const lost: unknown[] = [];
for (const db of [0, -6, -12, -20, -30]) {
  const whole: Tally = { tried: 0, known: 0 };
  const words: Tally = { tried: 0, known: 0 };
  for (let pair = 0; pair + 1 < decoded.length; pair += 2) {
    const far = overTheLine(decoded[pair]!.pcm);
    const own = decoded[pair + 1]!.pcm;
    const count = Math.min(far.length, own.length);
    const echo = db === 0 ? new Float64Array(count) : echoOf(far, db, 20 + Math.floor(random() * 280), 2, count);
    // A quiet speaker: 10 dB under the other.
    const near = overTheLine(Int16Array.from(echo, (value, n) => Math.round(value + own[n]! * 0.3)));
    const judge = new EchoJudge(true);
    const view = judge.look(near.subarray(0, count), beforeAll(far, count));
    whole.tried += 1;
    if (isAllEcho(view)) whole.known += 1;
    for (let at = 0; at + 2400 <= count; at += 2400) {
      const spoken = own.subarray(at, at + 2400);
      if (spoken.reduce((sum, sample) => sum + sample ** 2, 0) / 2400 < 1500 ** 2) continue;
      words.tried += 1;
      if (isEcho(view, at, at + 2400)) words.known += 1;
    }
  }
  lost.push({
    echoDb: db === 0 ? null : db,
    segments: whole.tried,
    segmentsLost: whole.known,
    stretchesOf300Ms: words.tried,
    stretchesLost: words.known,
  });
  console.error(JSON.stringify(lost.at(-1)));
}
const used = process.cpuUsage(started);
console.log(JSON.stringify({ echo: rows, own: lost, cpuS: (used.user + used.system) / 1e6 }, null, 2));
