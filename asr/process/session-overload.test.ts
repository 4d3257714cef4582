import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecogniserEngine } from '../engines/types.ts';
import { CallLedger } from '../pool/ledger.ts';
import { breaches } from '../testing/event-order.ts';
import { scriptedEngine, scriptedVad, speakNumbers } from '../testing/scripted.ts';
import type { AsrEvent } from '../types.ts';
import { Session } from './session.ts';
import { Spool } from './spool.ts';
import { WaitingRoom } from './waiting-room.ts';

const callIds = ['call-1', 'call-2', 'call-3', 'call-4'];
const blockSamples = 800;
/** Forty turns of 1.3 s, a second of silence after each. */
const spoken = (from: number): Int16Array =>
  speakNumbers(
    Array.from({ length: 40 }, () => [32, 40] as const),
    from,
  );

let folder: string;
let spool: Spool;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'overload-'));
  spool = new Spool(folder, 64e6, (error) => {
    throw error;
  });
});
afterEach(() => {
  spool.close();
  rmSync(folder, { recursive: true });
});

/** Calls in real time through a session for whose engine a piece of audio takes `pieceMs`. */
async function play(pieceMs: number, room: WaitingRoom) {
  let nowMs = 0;
  const engine: RecogniserEngine = {
    ...scriptedEngine(),
    recognise: (requests) => {
      nowMs += pieceMs * requests.length;
      return scriptedEngine().recognise(requests);
    },
  };
  const events: { readonly event: AsrEvent; readonly atMs: number }[] = [];
  const ledgers = new Map(callIds.map((callId) => [callId, new CallLedger(callId)]));
  const session = new Session({
    vad: scriptedVad,
    clock: { nowMs: () => nowMs, nowEpochMs: () => nowMs },
    emit: (callId, _epoch, event) => {
      for (const told of ledgers.get(callId)?.take(event) ?? []) events.push({ event: told, atMs: nowMs });
    },
    room,
  });
  session.use(engine);
  const sounds = callIds.map((callId, index) => ({ callId, pcm: spoken(100 * (index + 1)) }));
  for (const [callId, ledger] of ledgers) {
    ledger.addSide('caller', 0);
    session.open(callId, 1, ledger.handOver());
  }
  const endMs = Math.max(...sounds.map(({ pcm }) => pcm.length)) / 8;
  let mostMemory = 0;
  let mostSpooled = 0;
  for (let at = 0; !session.isIdle; at += blockSamples) {
    for (const { callId, pcm } of sounds) {
      const channel = session.channel(callId, 'caller');
      if (at < pcm.length) channel?.append(at, pcm.slice(at, at + blockSamples), nowMs);
      else channel?.end(pcm.length, nowMs);
    }
    const nextMs = (at + blockSamples) / 8;
    for (;;) {
      if (nowMs >= nextMs || !(await session.step())) break;
    }
    nowMs = Math.max(nowMs, nextMs);
    mostMemory = Math.max(mostMemory, room.memorySamples);
    mostSpooled = Math.max(mostSpooled, room.spooledBytes);
  }
  return { events, endMs, mostMemory, mostSpooled, room };
}

function steps(events: readonly { readonly event: AsrEvent }[], callId: string): string[] {
  return events.flatMap(({ event }) => (event.type === 'degraded' && event.callId === callId ? [event.step] : []));
}

function finals(events: readonly { readonly event: AsrEvent }[], callId: string): string[] {
  return events.flatMap(({ event }) => (event.type === 'final' && event.callId === callId ? [event.text] : []));
}

describe('Session with more to recognise than time', () => {
  it('lets the newest calls wait, keeps the others live, and has every word of all in the end', async () => {
    const room = new WaitingRoom({ memorySamples: 16_000, spool });
    const { events, endMs, mostMemory, mostSpooled } = await play(900, room);
    expect(breaches(events.map(({ event }) => event))).toEqual([]);
    callIds.forEach((callId, index) => {
      const all = Array.from({ length: 40 }, (_, number) => String(100 * (index + 1) + number));
      expect(finals(events, callId)).toEqual(all);
    });
    expect(steps(events, 'call-1')).not.toContain('waiting');
    expect(steps(events, 'call-4')).toContain('waiting');
    const lastOf = (callId: string): number =>
      events.findLast(({ event }) => event.type === 'final' && event.callId === callId)?.atMs ?? Infinity;
    expect(lastOf('call-1')).toBeLessThan(endMs + 10_000);
    expect(lastOf('call-4')).toBeGreaterThan(endMs);
    expect(mostMemory).toBeLessThanOrEqual(16_000);
    expect(mostSpooled).toBeGreaterThan(0);
    expect([room.memorySamples, room.spooledBytes]).toEqual([0, 0]);
  });

  it('says on the call what it had no room for', async () => {
    const room = new WaitingRoom({ memorySamples: 240_000 });
    const { events } = await play(900, room);
    expect(breaches(events.map(({ event }) => event))).toEqual([]);
    const unheardMs = events.reduce(
      (sum, { event }) => sum + (event.type === 'unheard' ? event.endMs - event.startMs : 0),
      0,
    );
    expect(unheardMs).toBeGreaterThan(10_000);
    expect(room.takeDropped()).toBe(unheardMs * 8);
    expect(finals(events, 'call-1')).toHaveLength(40);
  });

  it('tells of nothing while there is time', async () => {
    const { events } = await play(20, new WaitingRoom({ memorySamples: 80_000 }));
    expect(events.filter(({ event }) => event.type === 'degraded')).toEqual([]);
  });
});
