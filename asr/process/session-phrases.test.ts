import { expect, it } from 'vitest';
import type { EngineRequest } from '../engines/types.ts';
import { CallLedger } from '../pool/ledger.ts';
import { scriptedEngine, scriptedVad, speakNumbers } from '../testing/scripted.ts';
import { Session } from './session.ts';

it('asks for each call with its own phrases, the same array where two calls list the same', async () => {
  const seen: EngineRequest[] = [];
  let nowMs = 0;
  const session = new Session({
    vad: scriptedVad,
    copies: false,
    clock: { nowMs: () => nowMs, nowEpochMs: () => nowMs },
    emit: () => undefined,
  });
  session.use(scriptedEngine(seen));
  const open = (callId: string, phrases?: readonly string[]): void => {
    const ledger = new CallLedger(callId);
    ledger.addSide('caller', 0);
    session.open(callId, 1, ledger.handOver(), phrases);
  };
  open('first', ['Okonkwo', 'Zephyr']);
  open('second', ['Okonkwo', 'Zephyr']);
  open('third', ['Tarn']);
  open('fourth', []);
  const calls = ['first', 'second', 'third', 'fourth'].map((callId, index) => {
    return { callId, pcm: speakNumbers([[40, 120]], 100 * (index + 1)) };
  });
  for (let at = 0; at < 8000 * 6; at += 800) {
    nowMs += 100;
    for (const { callId, pcm } of calls) session.channel(callId, 'caller')?.append(at, pcm.slice(at, at + 800), nowMs);
    while (await session.step());
  }
  const of = (number: number): ReadonlySet<EngineRequest['phrases']> =>
    new Set(seen.filter(({ pcm }) => pcm.includes(number)).map(({ phrases }) => phrases));
  expect([...of(100)]).toEqual([['Okonkwo', 'Zephyr']]);
  expect([...of(200)][0]).toBe([...of(100)][0]);
  expect([...of(300)]).toEqual([['Tarn']]);
  expect([...of(400)]).toEqual([undefined]);
});
