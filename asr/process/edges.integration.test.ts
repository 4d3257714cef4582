import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import { loadMoonshine } from '../engines/moonshine/moonshine.ts';
import type { RecogniserEngine } from '../engines/types.ts';
import { alignWords } from '../text/align.ts';
import { normaliseWords } from '../text/normalise.ts';
import { loadSileroVad, type Vad } from '../vad/silero.ts';
import type { SpeechEvent } from './messages.ts';
import { Session } from './session.ts';

const hasFlite = spawnSync('flite', ['--version']).error === undefined;
let engine: RecogniserEngine;
let vad: Vad;
beforeAll(async () => {
  engine = await loadMoonshine({ cacheDir: join(tmpdir(), 'sidetone-test-asr-cache'), logger: silentLogger });
  vad = await loadSileroVad();
});
afterAll(async () => {
  await engine.close();
  await vad.close();
});

/** 8 kHz from flite, cut off where its first sound begins and its last one ends. */
function speak(text: string): Int16Array {
  const folder = mkdtempSync(join(tmpdir(), 'asr-edges-'));
  const path = join(folder, 'a.wav');
  spawnSync('flite', ['-voice', 'slt', '-t', text, '-o', path]);
  const wav = readFileSync(path);
  rmSync(folder, { recursive: true });
  const pcm = Int16Array.from({ length: Math.floor((wav.length - 44) / 4) }, (_, index) => {
    return (wav.readInt16LE(44 + 4 * index) + wav.readInt16LE(46 + 4 * index)) / 2;
  });
  const isSound = (sample: number): boolean => Math.abs(sample) > 500;
  return pcm.slice(pcm.findIndex(isSound), pcm.findLastIndex(isSound) + 1);
}

const silence = (ms: number): Int16Array => new Int16Array(8 * ms);

function joined(...pieces: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** A channel that carries `pcm` and ends with its last sample, or has `gap` missing. */
async function hear(pcm: Int16Array, gap: readonly [from: number, to: number] = [0, 0]): Promise<SpeechEvent[]> {
  let nowMs = 0;
  const events: SpeechEvent[] = [];
  const session = new Session({
    vad,
    clock: { nowMs: () => nowMs, nowEpochMs: () => nowMs },
    emit: (_callId, _epoch, event) => events.push(event),
  });
  session.use(engine);
  session.open('call-1', 1, [{ side: 'caller', fromSample: 0, nextSegment: 0 }]);
  const channel = session.channel('call-1', 'caller');
  for (let at = 0; at < pcm.length; at += 800) {
    nowMs += 100;
    const to = Math.min(pcm.length, at + 800);
    if (to <= gap[0] || at >= gap[1]) channel?.append(at, pcm.slice(at, to), nowMs);
    while (await session.step());
  }
  channel?.end(pcm.length, nowMs);
  while (await session.step());
  return events;
}

const finals = (events: readonly SpeechEvent[]) => events.filter((event) => event.type === 'final');
const text = (events: readonly SpeechEvent[]): string =>
  finals(events)
    .map((event) => event.text)
    .join(' ')
    .toLowerCase()
    .replaceAll(/[^a-z ]/g, '');

describe.skipIf(!hasFlite)('where speech begins and ends', () => {
  const sentence = 'Please cancel my subscription today';

  it.each([0, 20, 90, 400])('has the first and the last word of a call cut off %i ms around them', async (ms) => {
    const heard = text(await hear(joined(silence(ms), speak(sentence), silence(ms))));
    expect(heard).toMatch(/^please cancel my subscription today$/);
  });

  it.each([300, 650, 720, 1500])('has the word after a pause of %i ms and the one before it', async (ms) => {
    const pcm = joined(silence(500), speak(sentence), silence(ms), speak('Tomorrow morning is much too late'));
    expect(text(await hear(pcm))).toMatch(/subscription today tomorrow morning is much too late$/);
  });

  it('has the words right before and right after sound that is missing', async () => {
    const first = joined(silence(500), speak(sentence));
    const missing = Math.ceil(first.length / 800) * 800;
    const pcm = joined(first, silence((missing - first.length) / 8 + 1000), speak('Tomorrow morning is too late'));
    const events = await hear(pcm, [missing, missing + 8000]);
    expect(text(events)).toMatch(/subscription today tomorrow morning/);
    expect(events.some((event) => event.type === 'unheard')).toBe(true);
  });

  it('splits somebody who talks on for longer than a segment without a pause between words, and loses none', async () => {
    const said =
      'I called last week about the order for my sister because it did not come in time and nobody could tell me where ' +
      'it was and so I would like to know if you can send another one to my office before the end of the month since ' +
      'we need it for the meeting with our partners from the north and they will not wait any longer than that so ' +
      'please call me back this afternoon';
    const events = await hear(joined(silence(400), speak(said), silence(1000)));
    const segments = finals(events);
    expect(segments.length).toBeGreaterThan(1);
    for (const { startSample, endSample } of segments) expect(endSample - startSample).toBeLessThanOrEqual(128_256);
    const { substitutions, deletions, insertions } = alignWords(normaliseWords(said), normaliseWords(text(events)));
    expect(substitutions + deletions + insertions).toBeLessThanOrEqual(8);
  }, 120_000);
});
