/**
 * Live word error of whole calls: pairs of readers of a corpus (a folder with manifest.jsonl: path, text, speaker) talk
 * to each other through a whole server, turn by turn. Prints JSON.
 *
 *     node bench/reader-calls.ts --speech DIR [--calls 20] [--at-once 4]
 */
import { parseArgs } from 'node:util';
import type { Utterance } from '#analytics/types.ts';
import { otherSide, talkSides, type TalkSide } from '#sip/types.ts';
import { alignWords } from '../asr/text/align.ts';
import { normaliseWords } from '../asr/text/normalise.ts';
import { callBetweenPhones } from '../cli/softphone/pair.ts';
import { TestServer, waitFor } from '../test/server.ts';
import { seededRandom } from '#lib/testing/random.ts';
import { decodeFile, overTheLine, readManifest, shuffled, type ManifestRow } from './asr/clips.ts';

const gapSamples = 0.8 * 8000;
const turnsASide = 2;
/** A turn of at least so many words of which nothing was heard in its time is lost. */
const lostTurnWords = 3;

interface Turn {
  readonly side: TalkSide;
  readonly text: string;
  readonly pcm: Int16Array;
  readonly startMs: number;
  readonly endMs: number;
}

const { values } = parseArgs({
  options: {
    speech: { type: 'string' },
    calls: { type: 'string', default: '20' },
    'at-once': { type: 'string', default: '4' },
  },
});
if (values.speech === undefined) throw new Error('say where the speech is: --speech DIR');
const folder = values.speech;
const random = seededRandom(20_261_125);

const bySpeaker = new Map<string, ManifestRow[]>();
for (const row of readManifest(folder)) {
  if (row.text !== '') bySpeaker.set(row.speaker, [...(bySpeaker.get(row.speaker) ?? []), row]);
}
const readers = shuffled([...bySpeaker.values()], random);

function writeCall(index: number): readonly Turn[] {
  const pair = [readers[(2 * index) % readers.length] ?? [], readers[(2 * index + 1) % readers.length] ?? []];
  const turns: Turn[] = [];
  let at = 8000;
  for (let round = 0; round < turnsASide; round++) {
    talkSides.forEach((side, which) => {
      const row = pair[which]?.[round];
      if (row === undefined) return;
      const pcm = overTheLine(decodeFile(row.path));
      turns.push({ side, text: row.text, pcm, startMs: at / 8, endMs: (at + pcm.length) / 8 });
      at += pcm.length + gapSamples;
    });
  }
  return turns;
}

function trackOf(turns: readonly Turn[], side: TalkSide): Int16Array {
  const track = new Int16Array((turns.at(-1)?.endMs ?? 0) * 8 + 8000);
  for (const turn of turns) if (turn.side === side) track.set(turn.pcm, turn.startMs * 8);
  return track;
}

let words = 0;
let errors = 0;
let lost = 0;
let wrongSide = 0;
let turnCount = 0;

function judge(turns: readonly Turn[], utterances: readonly Utterance[]): void {
  for (const side of talkSides) {
    const said = normaliseWords(
      turns
        .filter((turn) => turn.side === side)
        .map(({ text }) => text)
        .join(' '),
    );
    const heard = normaliseWords(
      utterances
        .filter((each) => each.side === side)
        .map(({ text }) => text)
        .join(' '),
    );
    const aligned = alignWords(said, heard);
    words += said.length;
    errors += aligned.substitutions + aligned.deletions + aligned.insertions;
  }
  for (const turn of turns) {
    turnCount += 1;
    const within = (side: TalkSide): number =>
      utterances
        .filter((each) => each.side === side && each.startMs < turn.endMs && each.endMs > turn.startMs)
        .reduce((sum, each) => sum + each.text.split(' ').length, 0);
    if (within(turn.side) === 0 && turn.text.split(' ').length >= lostTurnWords) lost += 1;
    if (within(otherSide(turn.side)) > within(turn.side)) wrongSide += 1;
  }
}

const server = await TestServer.start({ environment: { SIDETONE_SIP_PORT: '25460' } });
await server.ready();
const waiting = Array.from({ length: Number(values.calls) }, (_, index) => index);
async function line(): Promise<void> {
  for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
    const turns = writeCall(index);
    const { callId } = await callBetweenPhones({
      callerPcm: trackOf(turns, 'caller'),
      calleePcm: trackOf(turns, 'callee'),
      via: '127.0.0.1:25460',
      transport: 'udp',
    });
    await waitFor(
      'the last row of the call',
      async () => {
        const call = await server.json<{ completeness: string }>(`/api/v1/calls/${callId ?? ''}`);
        return call.completeness === 'pending' ? undefined : call;
      },
      120_000,
    );
    const { items } = await server.json<{ items: Utterance[] }>(`/api/v1/calls/${callId ?? ''}/transcript`);
    judge(turns, items);
    process.stderr.write(`call ${index + 1}: ${((100 * errors) / words).toFixed(1)} % so far\n`);
  }
}
await Promise.all(Array.from({ length: Number(values['at-once']) }, line));
await server.close();
process.stdout.write(
  `${JSON.stringify({ bench: 'reader-calls', calls: Number(values.calls), atOnce: Number(values['at-once']), turns: turnCount, words, wer: Math.round((1000 * errors) / words) / 10, turnsLost: lost, turnsOnTheWrongSide: wrongSide }, null, 2)}\n`,
);
process.exit(0);
