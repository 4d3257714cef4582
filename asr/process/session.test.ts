import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioFeedFrame } from '#lib/audio-feed.ts';
import { partySides, type ChannelSide } from '#sip/types.ts';
import type { EngineRequest, RecogniserEngine } from '../engines/types.ts';
import { CallLedger } from '../pool/ledger.ts';
import { breaches } from '../testing/event-order.ts';
import { scriptedEngine, scriptedVad, speakNumbers } from '../testing/scripted.ts';
import { endlessMs, type AsrEvent } from '../types.ts';
import { Session } from './session.ts';

const callId = 'call-1';

/** Of a call of which these sides are known from its start. */
function ledgerOf(...sides: ChannelSide[]): CallLedger {
  const ledger = new CallLedger(callId);
  for (const side of sides) ledger.addSide(side, 0);
  return ledger;
}
const twoSided = (): CallLedger => ledgerOf('caller', 'callee');

const deafEngine: RecogniserEngine = {
  ...scriptedEngine(),
  recognise: (requests) =>
    Promise.resolve(requests.map(() => ({ text: '', tokens: [], words: [], confidence: 0, empty: true }))),
};

/** A session whose clock is moved by the audio that it is given. */
function setUp(ledger = twoSided(), requests: EngineRequest[] = [], engine = scriptedEngine(requests)) {
  let nowMs = 0;
  const events: AsrEvent[] = [];
  const session = new Session({
    vad: scriptedVad,
    copies: false,
    clock: { nowMs: () => nowMs, nowEpochMs: () => nowMs },
    emit: (_callId, _epoch, event) => {
      events.push(...ledger.take(event));
    },
  });
  session.use(engine);
  session.open(callId, 1, ledger.handOver());
  const play = async (side: ChannelSide, pcm: Int16Array, start = 0, to = pcm.length): Promise<void> => {
    for (let at = start; at < to; at += 800) {
      nowMs += 100;
      session.channel(callId, side)?.append(at, pcm.slice(at, Math.min(to, at + 800)), nowMs);
      while (await session.step());
    }
  };
  const end = async (side: ChannelSide, sample: number): Promise<void> => {
    session.channel(callId, side)?.end(sample, nowMs);
    while (await session.step());
  };
  return { session, ledger, events, play, end };
}

function finals(events: readonly AsrEvent[], side: ChannelSide = 'caller'): string[] {
  return events.flatMap((event) => (event.type === 'final' && event.side === side ? [event.text] : []));
}

/** Comes all the time, whatever is said. */
function isRunning(type: AsrEvent['type']): boolean {
  return type === 'progress' || type === 'levels';
}

describe('Session', () => {
  it('shows a turn while it is spoken and decides it once when it is over', async () => {
    const { events, play, end } = setUp();
    const pcm = speakNumbers([
      [20, 60],
      [30, 40],
    ]);
    await play('caller', pcm);
    await end('caller', pcm.length);
    await end('callee', 0);
    expect(finals(events)).toEqual(['100', '101']);
    const types = events.filter((event) => event.side === 'caller').map((event) => event.type);
    expect(types.indexOf('partial')).toBeLessThan(types.indexOf('final'));
    expect(breaches(events)).toEqual([]);
  });

  it('has the final ready when the turn is over: nothing is decoded after the pause that ends it', async () => {
    const requests: EngineRequest[] = [];
    const { events, play } = setUp(twoSided(), requests);
    await play(
      'caller',
      speakNumbers([
        [20, 60],
        [40, 0],
      ]),
    );
    expect(finals(events)).toEqual(['100']);
    expect(requests.filter((request) => request.purpose === 'final')).toHaveLength(1);
  });

  it('says how far it is at least every 500 ms', async () => {
    const { events, play } = setUp();
    await play(
      'caller',
      speakNumbers([
        [100, 200],
        [100, 0],
      ]),
    );
    const heard = events.flatMap((event) => (event.type === 'progress' ? [event.heardMs] : []));
    heard.forEach((ms, index) => expect(ms - (heard[index - 1] ?? 0)).toBeLessThanOrEqual(500));
    expect(heard.length).toBeGreaterThan(20);
  });

  it('keeps the two sides apart', async () => {
    const { events, play, end } = setUp();
    const caller = speakNumbers([[10, 40]], 200);
    const callee = speakNumbers([[30, 50]], 300);
    await play('caller', caller);
    await play('callee', callee);
    await end('caller', caller.length);
    await end('callee', callee.length);
    expect(finals(events, 'caller')).toEqual(['200']);
    expect(finals(events, 'callee')).toEqual(['300']);
    expect(breaches(events)).toEqual([]);
  });

  it('reports audio that never came as unheard and closes what was being said before it', async () => {
    const { events, play, end } = setUp();
    const before = speakNumbers([[10, 40]]);
    await play('caller', before);
    const after = speakNumbers(
      [
        [10, 40],
        [30, 0],
      ],
      500,
    );
    const gapEnd = before.length + 16_000;
    const shifted = new Int16Array(gapEnd + after.length);
    shifted.set(after, gapEnd);
    await play('caller', shifted, gapEnd);
    await end('caller', shifted.length);
    await end('callee', 0);
    const told = events.filter((event) => event.side === 'caller' && !isRunning(event.type));
    expect(told.filter((event) => event.type !== 'partial').map((event) => event.type)).toEqual([
      'final',
      'unheard',
      'final',
      'finished',
    ]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'unheard', startMs: before.length / 8, endMs: gapEnd / 8 }),
    );
    expect(breaches(events)).toEqual([]);
  });

  it('says no-words where somebody spoke and no text came of it', async () => {
    const { events, play, end } = setUp(twoSided(), [], deafEngine);
    await play(
      'caller',
      speakNumbers([
        [20, 20],
        [30, 0],
      ]),
    );
    await end('caller', 80 * 256);
    await end('callee', 0);
    expect(breaches(events)).toEqual([]);
    const types = events.filter((event) => event.side === 'caller').map((event) => event.type);
    expect(types.filter((type) => !isRunning(type))).toEqual(['no-words', 'unheard', 'finished']);
  });

  it('finds a short word that the detector is deaf to, and passes over a tone like it', async () => {
    const { events, play, end } = setUp();
    const pcm = new Int16Array(120 * 256);
    // Under 100 the scripted detector hears nothing; brought to a normal level it does.
    for (let i = 20 * 256; i < 28 * 256; i += 1) pcm[i] = ((i * 7919) % 181) - 90;
    for (let i = 70 * 256; i < 78 * 256; i += 1) pcm[i] = Math.round(90 * Math.sin((2 * Math.PI * 440 * i) / 8000));
    await play('caller', pcm);
    await end('caller', pcm.length);
    await end('callee', 0);
    const found = events.flatMap((event) => (event.type === 'final' ? [event] : []));
    expect(found).toHaveLength(1);
    expect(found[0]?.startMs).toBe((20 * 256 - 1200) / 8);
    expect(breaches(events)).toEqual([]);
  });

  it('takes nothing that comes after the connection broke for silence: it is unheard, without a known end', async () => {
    const { session, events, play, end } = setUp();
    const pcm = speakNumbers([[10, 40]]);
    await play('caller', pcm);
    session.endAll();
    while (await session.step());
    await end('caller', pcm.length + 8000);
    expect(finals(events)).toEqual(['100']);
    expect(events.filter((event) => event.type === 'unheard')).toEqual([
      { type: 'unheard', callId, side: 'callee', startMs: 0, endMs: endlessMs },
      { type: 'unheard', callId, side: 'caller', startMs: pcm.length / 8, endMs: endlessMs },
    ]);
    const finished = events.flatMap((event) => (event.type === 'finished' ? [event.endMs] : []));
    expect(finished).toEqual([endlessMs, endlessMs]);
    expect(breaches(events)).toEqual([]);
  });

  it('knows the end that came before the connection broke', async () => {
    const { session, events } = setUp();
    const channel = session.channel(callId, 'caller');
    channel?.append(0, new Int16Array(8000), 0);
    // Behind a gap, so that it has to wait until what lies before is looked at.
    channel?.end(16_000, 0);
    session.endAll();
    while (await session.step());
    expect(events.filter((event) => event.side === 'caller').at(-1)).toMatchObject({ type: 'finished', endMs: 2000 });
  });

  it('counts all audio that it holds, also what waits behind a gap', () => {
    const { session } = setUp();
    const channel = session.channel(callId, 'caller');
    channel?.append(0, new Int16Array(800), 0);
    channel?.append(8000, new Int16Array(4000), 0);
    channel?.append(12_000, new Int16Array(4000), 0);
    expect(session.backlogSamples).toBe(8800);
  });

  it('serves whoever has waited longest, however long the calls have lasted', async () => {
    const requests: EngineRequest[] = [];
    const { session } = setUp(twoSided(), requests);
    const frames = 256;
    // Eight calls of an hour and one that has just begun, in which somebody speaks a little earlier.
    for (let number = 0; number < 9; number += 1) {
      const from = number === 8 ? 0 : 3600 * 8000;
      const id = `call-of-${number}`;
      session.open(id, 1, [{ side: 'caller', fromSample: from, nextSegment: 0 }]);
      const pcm = new Int16Array((number === 8 ? 24 : 20) * frames).fill(200 + number);
      session.channel(id, 'caller')?.append(from, pcm, 0);
    }
    await session.step();
    expect(requests).toHaveLength(8);
    expect(requests.map((request) => request.pcm.at(-1))).toContain(208);
  });

  it('begins a side that came later with its first sample, though its audio was under way before', async () => {
    const { session, ledger, events, end } = setUp(ledgerOf('caller'));
    const start = ledger.addSide('other', 8000);
    if (start === undefined) throw new Error('the side was there');
    session.addSide(callId, 1, start);
    const other = session.channel(callId, 'other');
    const pcm = speakNumbers([
      [30, 40],
      [30, 40],
    ]);
    const frame = (kind: 'open' | 'audio' | 'end', from: number, to = from): AudioFeedFrame => {
      return { kind, channel: 2, callId, sample: 8000 + from, pcm: pcm.slice(from, to) };
    };
    other?.take(frame('audio', 20_000, pcm.length), 0);
    other?.take(frame('end', pcm.length), 0);
    other?.take(frame('open', 0), 0);
    other?.take(frame('audio', 0, pcm.length), 0);
    other?.take(frame('end', pcm.length), 0);
    await end('caller', 0);
    expect(finals(events, 'other')).toEqual(['100', '101']);
    expect(events.filter((event) => event.type === 'unheard')).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'finished' });
    expect(breaches(events)).toEqual([]);
  });

  it('forgets an abandoned call', async () => {
    const { session, events, play } = setUp();
    await play('caller', speakNumbers([[10, 40]]));
    session.abandon(callId);
    const count = events.length;
    await play(
      'caller',
      speakNumbers([
        [10, 40],
        [40, 0],
      ]),
    );
    expect(events).toHaveLength(count);
    expect(session.isIdle).toBe(true);
  });

  it('keeps the contract and loses no turn, however it is talked and wherever a process dies', async () => {
    const turn = fc.tuple(fc.integer({ min: 25, max: 90 }), fc.integer({ min: 4, max: 120 }));
    const deaths = fc.array(fc.integer({ min: 1, max: 150_000 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 6 }), deaths, async (turns, at) => {
        const pcm = speakNumbers(turns);
        const ledger = twoSided();
        const events: AsrEvent[] = [];
        const stops = at.map((sample) => Math.floor(sample / 800) * 800).sort((a, b) => a - b);
        for (const stop of [...stops.filter((sample) => sample < pcm.length), pcm.length]) {
          // A new process is given the audio that the last one had not decided.
          const life = setUp(ledger);
          const decided = ledger.decided.caller ?? 0;
          await life.play('caller', pcm, decided, Math.max(stop, decided));
          if (stop === pcm.length) {
            await life.end('caller', pcm.length);
            await life.end('callee', 0);
          }
          events.push(...life.events);
        }
        expect(breaches(events)).toEqual([]);
        expect(finals(events).join(' ')).toBe(turns.map((_, index) => String(100 + index)).join(' '));
      }),
      { numRuns: 60 },
    );
  });

  it('does so for every side by itself, whenever it joins', async () => {
    const turn = fc.tuple(fc.integer({ min: 25, max: 60 }), fc.integer({ min: 4, max: 60 }));
    const speaker = fc.record({
      side: fc.constantFrom(...partySides),
      turns: fc.array(turn, { minLength: 1, maxLength: 3 }),
      joinsBlock: fc.integer({ min: 0, max: 30 }),
    });
    const speakers = fc.uniqueArray(speaker, { selector: ({ side }) => side, minLength: 1, maxLength: 4 });
    const deaths = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(speakers, deaths, async (plan, deathBlocks) => {
        const lines = plan.map(({ side, turns, joinsBlock }, index) => {
          const joins = joinsBlock * 800;
          const said = speakNumbers(turns, 100 * (index + 1));
          const pcm = new Int16Array(joins + said.length);
          pcm.set(said, joins);
          return { side, joins, pcm, texts: turns.map((_, turned) => String(100 * (index + 1) + turned)) };
        });
        const endSample = Math.max(...lines.map(({ pcm }) => pcm.length));
        const ledger = new CallLedger(callId);
        const events: AsrEvent[] = [];
        for (const stop of [...deathBlocks.map((block) => block * 800).sort((a, b) => a - b), endSample]) {
          const life = setUp(ledger);
          const { decided } = ledger;
          for (let at = 0; at < stop; at += 800) {
            for (const { side, joins, pcm } of lines) {
              const start = joins === at ? ledger.addSide(side, joins) : undefined;
              if (start !== undefined) life.session.addSide(callId, 1, start);
              const to = Math.min(at + 800, stop, pcm.length);
              if (at >= joins) await life.play(side, pcm, Math.max(at, decided[side] ?? 0), to);
            }
          }
          if (stop === endSample) for (const { side, pcm } of lines) await life.end(side, pcm.length);
          events.push(...life.events);
        }
        expect(breaches(events)).toEqual([]);
        expect(events.filter(({ type }) => type === 'unheard')).toEqual([]);
        for (const { side, joins, texts } of lines) {
          expect(finals(events, side).join(' ')).toBe(texts.join(' '));
          const own = events.filter((event) => event.side === side);
          expect(own.filter(({ type }) => type === 'finished')).toHaveLength(1);
          for (const event of own) if ('startMs' in event) expect(event.startMs).toBeGreaterThanOrEqual(joins / 8);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('splits a monologue and loses none of it', async () => {
    const { events, play, end } = setUp();
    const pcm = speakNumbers(Array.from({ length: 30 }, () => [6, 40] as const));
    await play('caller', pcm);
    await end('caller', pcm.length);
    await end('callee', 0);
    expect(breaches(events)).toEqual([]);
    expect(finals(events).join(' ').split(' ')).toEqual(Array.from({ length: 30 }, (_, index) => String(100 + index)));
  });
});
