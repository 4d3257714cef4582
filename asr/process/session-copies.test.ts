import { describe, expect, it } from 'vitest';
import type { ChannelSide } from '#sip/types.ts';
import { CallLedger } from '../pool/ledger.ts';
import { overTheLine, recordings } from '../sound/testing/line-sounds.ts';
import { breaches } from '../testing/event-order.ts';
import { scriptedVad } from '../testing/scripted.ts';
import type { RecogniserEngine } from '../engines/types.ts';
import type { AsrEvent } from '../types.ts';
import { Session } from './session.ts';

const callId = 'call-1';

/** Hears a word in whatever is loud. */
const engine: RecogniserEngine = {
  name: 'one word',
  language: 'en',
  abilities: { times: true, confidence: true, drafts: false, phrases: false },
  recognise: (requests) =>
    Promise.resolve(
      requests.map(({ pcm }) => ({
        text: 'word',
        tokens: [1],
        words: [{ text: 'word', startSample: 0, endSample: pcm.length, confidence: 0.9 }],
        confidence: 0.9,
        empty: false,
      })),
    ),
  close: () => Promise.resolve(),
};

async function played(lines: Readonly<Partial<Record<ChannelSide, Int16Array>>>): Promise<AsrEvent[]> {
  const ledger = new CallLedger(callId);
  const sides = Object.keys(lines) as ChannelSide[];
  for (const side of sides) ledger.addSide(side, 0);
  const events: AsrEvent[] = [];
  let nowMs = 0;
  const session = new Session({
    vad: scriptedVad,
    clock: { nowMs: () => nowMs, nowEpochMs: () => nowMs },
    emit: (_callId, _epoch, event) => events.push(...ledger.take(event)),
  });
  session.use(engine);
  session.open(callId, 1, ledger.handOver());
  const longest = Math.max(...Object.values(lines).map((pcm) => pcm.length));
  for (let at = 0; at < longest; at += 800) {
    nowMs += 100;
    for (const side of sides) session.channel(callId, side)?.append(at, lines[side]!.slice(at, at + 800), nowMs);
    while (await session.step());
  }
  for (const side of sides) session.channel(callId, side)?.end(lines[side]!.length, nowMs);
  while (await session.step());
  expect(breaches(events)).toEqual([]);
  return events;
}

function sidesWithWords(events: readonly AsrEvent[], type: 'final' | 'partial' = 'final'): ChannelSide[] {
  return events.flatMap((event) => (event.type === type ? [event.side] : []));
}

/** What somebody says, with silence around it. */
function said(pcm: Int16Array, delay = 0, gain = 1): Int16Array {
  const line = new Int16Array(4000 + pcm.length + 16_000);
  line.set(
    pcm.map((sample) => sample * gain),
    4000 + delay,
  );
  return overTheLine(line);
}

const [speech = new Int16Array(0), other = new Int16Array(0)] = recordings();

describe('copies between channels', () => {
  it('an echo has no words: only who spoke has', async () => {
    const events = await played({ caller: said(speech, 640, 0.2), callee: said(speech) });
    expect(new Set(sidesWithWords(events))).toEqual(new Set(['callee']));
    expect(sidesWithWords(events, 'partial')).not.toContain('caller');
    expect(events.filter(({ type, side }) => type === 'no-words' && side === 'caller').length).toBeGreaterThan(0);
    const echoes = events.flatMap((event) => (event.type === 'sound' && event.kind === 'echo' ? [event.side] : []));
    expect(new Set(echoes)).toEqual(new Set(['caller']));
    expect(events.some(({ type }) => type === 'identical')).toBe(false);
  });

  it('one mix on both channels is told of once, and has its words once', async () => {
    const events = await played({ caller: said(speech), callee: said(speech) });
    expect(new Set(sidesWithWords(events))).toEqual(new Set(['caller']));
    expect(events.flatMap((event) => (event.type === 'identical' ? [[event.side, event.of]] : []))).toEqual([
      ['callee', 'caller'],
    ]);
  });

  it('two who speak at once have both their words', async () => {
    const events = await played({ caller: said(speech), callee: said(other, 0, 0.3) });
    expect(new Set(sidesWithWords(events))).toEqual(new Set(['caller', 'callee']));
    expect(events.some((event) => event.type === 'sound')).toBe(false);
  });

  it('levels come for every second of both sides, the last ones before the end', async () => {
    const events = await played({ caller: said(speech), callee: said(other) });
    for (const side of ['caller', 'callee'] as const) {
      const levels = events.flatMap((event) => (event.type === 'levels' && event.side === side ? [event.levels] : []));
      const pcm = side === 'caller' ? speech : other;
      const seconds = levels.reduce((sum, each) => sum + each.levelDbfs.length, 0);
      expect(seconds).toBe(Math.ceil((pcm.length + 20_000) / 8000));
      expect(levels.flatMap(({ speech: share }) => share).some((share) => share > 0.5)).toBe(true);
    }
  });
});
