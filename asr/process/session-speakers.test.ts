import { expect, it } from 'vitest';
import { CallLedger } from '../pool/ledger.ts';
import { unit, type SpeakerModel } from '../speakers/types.ts';
import { breaches } from '../testing/event-order.ts';
import { scriptedEngine, scriptedVad, speakNumbers } from '../testing/scripted.ts';
import type { AsrEvent } from '../types.ts';
import { Session } from './session.ts';

const callId = 'call-1';

/** Whose voice it is stands in the audio: numbers from 200 on are said by another than those below. */
const scriptedVoices: SpeakerModel = {
  id: 'scripted',
  dimensions: 2,
  sameVoice: 0.5,
  embed: (stretches) =>
    Promise.resolve(
      stretches.map((pcm) => {
        const other = pcm.filter((sample) => sample >= 200).length;
        return unit(Float32Array.of(pcm.filter((sample) => sample > 0 && sample < 200).length, other));
      }),
    ),
  close: () => Promise.resolve(),
};

function setUp(ledger: CallLedger) {
  let nowMs = 0;
  const events: AsrEvent[] = [];
  const make = (): Session => {
    const session = new Session({
      vad: scriptedVad,
      copies: false,
      clock: { nowMs: () => nowMs, nowEpochMs: () => nowMs },
      emit: (_callId, _epoch, event) => {
        events.push(...ledger.take(event));
      },
      speakers: { model: scriptedVoices, settings: { diarize: 'mixed' } },
    });
    session.use(scriptedEngine());
    session.open(callId, 1, ledger.handOver());
    return session;
  };
  const play = async (session: Session, pcm: Int16Array, from = 0): Promise<void> => {
    for (let at = from; at < pcm.length; at += 800) {
      nowMs += 100;
      for (const side of ['mixed', 'caller'] as const) {
        session.channel(callId, side)?.append(at, pcm.slice(at, at + 800), nowMs);
      }
      while (await session.step());
    }
  };
  const end = async (session: Session, sample: number): Promise<void> => {
    for (const side of ['mixed', 'caller'] as const) session.channel(callId, side)?.end(sample, nowMs);
    while (await session.step());
  };
  return { events, make, play, end };
}

function mixedLedger(): CallLedger {
  const ledger = new CallLedger(callId);
  for (const side of ['mixed', 'caller'] as const) ledger.addSide(side, 0);
  return ledger;
}

function line(...numbers: readonly number[]): Int16Array {
  const parts = numbers.map((number) => speakNumbers([[40, 120]], number));
  const pcm = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    pcm.set(part, at);
    at += part.length;
  }
  return pcm;
}

it('says of a shared stream who speaks when, names words by it, settles before the end, and leaves other sides alone', async () => {
  const { events, make, play, end } = setUp(mixedLedger());
  const session = make();
  const pcm = line(101, 201, 102, 202);
  await play(session, pcm);
  await end(session, pcm.length);
  expect(breaches(events)).toEqual([]);

  const told = events.filter((event) => event.type === 'speakers');
  expect(told.every(({ side }) => side === 'mixed')).toBe(true);
  expect(told.map(({ settled }) => settled)).toEqual([...told.slice(1).map(() => false), true]);
  expect(told.length).toBeGreaterThan(2);
  const turns = told.at(-1)?.turns ?? [];
  expect(turns.map(({ speaker }) => speaker)).toEqual(['1', '2', '1', '2']);
  turns.forEach(({ startMs, endMs }, index) => {
    expect(Math.abs(startMs - (index * 160 + 40) * 32)).toBeLessThan(100);
    expect(Math.abs(endMs - (index + 1) * 160 * 32)).toBeLessThan(100);
  });

  const words = events.flatMap((event) => (event.type === 'final' && event.side === 'mixed' ? event.words : []));
  expect(words.map(({ text, speaker }) => `${text} ${speaker}`)).toEqual(['101 1', '201 2', '102 1', '202 2']);
  const others = events.flatMap((event) => (event.type === 'final' && event.side === 'caller' ? event.words : []));
  expect(others.some((word) => 'speaker' in word)).toBe(false);
});

it('goes on in another process: who spoke before keeps the number, who is new gets the next', async () => {
  const ledger = mixedLedger();
  const { events, make, play, end } = setUp(ledger);
  const pcm = line(101, 102, 201, 103);
  const until = 2 * 160 * 256;
  await play(make(), pcm.slice(0, until));
  const from = ledger.decided.mixed ?? 0;
  expect(from).toBeGreaterThan(0);
  const next = make();
  await play(next, pcm, from);
  await end(next, pcm.length);
  expect(breaches(events)).toEqual([]);
  const last = events.filter((event) => event.type === 'speakers').at(-1);
  expect(last?.settled).toBe(true);
  expect([...new Set(last?.turns.map(({ speaker }) => speaker))]).toEqual(['1', '2']);
  expect(last?.turns.at(-1)?.speaker).toBe('1');
  expect(last?.turns.every(({ startMs, endMs }) => startMs < endMs)).toBe(true);
});
