import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Redaction, Utterance } from '#analytics/types.ts';
import { readWav } from '#lib/audio/wav.ts';
import { callBetweenPhones } from '../../cli/softphone/pair.ts';
import { repository, TestServer, waitFor } from '../server.ts';
import { SseWatcher } from '../sse.ts';
import { fortyCalls, orderCalls } from './forty-calls.ts';
import { leaks } from './clean.ts';
import type { CallScript } from './script.ts';
import { splicedDigits } from './splice.ts';
import { remainsOf, type StoredCall } from './stored-call.ts';
import { machineVoice, missingProgram, synthesiseCall, type SynthesisedCall } from './synthesise.ts';

/**
 * The test at the end of redaction.md, on the whole server: forty spoken calls with cards, codes, expiry dates and PINs,
 * and twenty with order numbers, by voices that nothing was developed with. Digits of every second call are spliced
 * from recordings of people where the folder with them is there; else machine voices say them all.
 */
const digitRecordings = resolve(repository, '../shared/speech/fsdd');
const callsAtOnce = 10;

interface Placed {
  readonly script: CallScript;
  readonly spoken: SynthesisedCall;
  readonly stored: StoredCall;
}

const missing = missingProgram();
let server: TestServer;
let watcher: SseWatcher;
let cards: readonly Placed[];
let orders: readonly Placed[];

describe.skipIf(missing !== null)('sixty spoken calls through a whole server', () => {
  beforeAll(async () => {
    server = await TestServer.start({ environment: { SIDETONE_LOG_LEVEL: 'debug' } });
    await server.ready();
    watcher = await SseWatcher.open((path, init) => server.get(path, init), '/api/v1/events');
    // Before any is placed: while this process waits for a voice, its phones would send nothing.
    const calls = [...fortyCalls(), ...orderCalls()].map((script) => ({ script, spoken: synthesise(script) }));
    const placed = await placeAll(calls);
    cards = placed.slice(0, 40);
    orders = placed.slice(40);
  }, 900_000);

  afterAll(async () => {
    watcher.close();
    await server.close();
  });

  test('every call has a transcript of both sides and a recording', () => {
    for (const { script, stored } of [...cards, ...orders]) {
      expect(new Set(stored.utterances.map(({ side }) => side)).size, script.name).toBe(2);
      expect(stored.left.length, script.name).toBeGreaterThan(10 * 8000);
    }
  });

  test('no digit, number word or homophone between the first digit and the last, and no sound', () => {
    const found = cards.flatMap(({ script, spoken, stored }) => leaks(remainsOf(stored), script, spoken.stretches));
    expect(found).toEqual([]);
  });

  test('no card number and no code in any event, log line or audit row', async () => {
    const { items } = await server.json<{ items: object[] }>('/api/v1/audit?limit=200');
    // Order numbers stay, and any three digits may stand in one.
    const ordered = orders.map(({ stored }) => stored.callId);
    const events = watcher.messages.filter(({ data }) => !ordered.some((callId) => data.includes(callId)));
    const told = [...events.map(({ data }) => JSON.parse(data) as object), ...server.logLines, ...items];
    const text = JSON.stringify(told, (key, value: unknown) =>
      // Times, ids and hashes are numbers of their own.
      /(?:Ms|At|Id|Ids|hash|time|pid|port|confidence|sequence|bytes|samples)$/i.test(key) ? undefined : value,
    );
    const found = cards.flatMap(({ script: { name, cards: numbers, codes, pins } }) => [
      ...numbers.filter((card) => text.includes(card)).map(() => `${name}: the card`),
      ...[...codes, ...pins].flatMap((code) => {
        const said = new RegExp(`.{0,60}(?:\\b${code}\\b|\\b${code.split('').join('\\W+')}\\b).{0,40}`, 'g');
        return [...text.matchAll(said)].map(([where]) => `${name}: a code in ${where}`);
      }),
    ]);
    expect(found).toEqual([]);
  });

  test('a PIN by keys is one masked event: neither the digits nor how many', () => {
    const keyed = cards
      .filter(({ script: { pins } }) => pins.length > 0)
      .map(({ script, spoken, stored }) => {
        const firstMs = spoken.keys[0]?.atMs ?? 0;
        // Speech may now and then sound like a key: such a row is elsewhere.
        const rows = stored.redactions.filter(({ kind, endMs }) => kind === 'dtmf' && endMs > firstMs - 1000);
        const times = rows.map(({ startMs, endMs }) => `${startMs}-${endMs}`);
        return { name: script.name, rows: rows.length, times, pressedMs: spoken.keys.map(({ atMs }) => atMs) };
      });
    expect(keyed.filter(({ rows }) => rows !== 1)).toEqual([]);
  });

  // Some are heard now one way, now another: those lost at first are said once more, so that chance alone does not fail it.
  // docs/accuracy.md has the figures of first hearings, and says why four of these voices' orders go with the cards: in
  // what they say badly the digit recogniser hears digits, and a digit too many is masked rather than a card let through.
  test('of twenty order numbers, named as such, at least fifteen stay', { timeout: 300_000 }, async () => {
    const lost = orders.filter((order) => !isKept(order));
    const again = await placeAll(lost);
    const kept = orders.length - again.filter((order) => !isKept(order)).length;
    expect(lost.length, lost.map(({ script }) => script.name).join(' ')).toBeLessThanOrEqual(6);
    expect(kept, again.map(({ script }) => script.name).join(' ')).toBeGreaterThanOrEqual(15);
  });
});

/** Speech that was never heard, or sounded like a key for a moment, was not taken for a card. */
function isKept({ stored }: Placed): boolean {
  return stored.redactions.every(({ kind }) => /^(?:unheard|dtmf)$/.test(kind));
}

type Spoken = Pick<Placed, 'script' | 'spoken'>;

function synthesise(script: CallScript): SynthesisedCall {
  const spliced = script.spliced && existsSync(digitRecordings);
  return synthesiseCall(script, spliced ? [splicedDigits(digitRecordings), machineVoice] : [machineVoice]);
}

async function placeAll(calls: readonly Spoken[]): Promise<readonly Placed[]> {
  const results = new Map<string, Placed>();
  const waiting = [...calls];
  const line = async (): Promise<void> => {
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) {
      results.set(call.script.name, await place(call));
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, line));
  return calls.map(({ script }) => results.get(script.name)!);
}

async function place({ script, spoken }: Spoken): Promise<Placed> {
  const { callId } = await callBetweenPhones({
    callerPcm: spoken.pcm.caller,
    calleePcm: spoken.pcm.callee,
    callerKeys: spoken.keys.filter(({ side }) => side === 'caller'),
    calleeKeys: spoken.keys.filter(({ side }) => side === 'callee'),
    lossShare: script.lossPercent / 100,
    via: server.sip,
    transport: 'udp',
  });
  if (callId === null) throw new Error('the server did not tell the id of the call');
  await waitFor(
    'the end of the call',
    () => watcher.events.find((event) => event.type === 'end' && event.callId === callId),
    120_000,
  );
  return { script, spoken, stored: await fetchCall(callId) };
}

async function fetchCall(callId: string): Promise<StoredCall> {
  const utterances = (await (await ask(`/api/v1/calls/${callId}/transcript`)).json()) as { items: Utterance[] };
  const redactions = (await (await ask(`/api/v1/calls/${callId}/redactions`)).json()) as { items: Redaction[] };
  const recording = await ask(`/api/v1/calls/${callId}/recording`);
  const dir = mkdtempSync(join(tmpdir(), 'sidetone-forty-'));
  const path = join(dir, 'call.wav');
  writeFileSync(path, Buffer.from(await recording.arrayBuffer()));
  const { channels } = await readWav(path);
  rmSync(dir, { recursive: true });
  const [left = new Int16Array(0), right = new Int16Array(0)] = channels;
  const shown = watcher.events.flatMap((event) =>
    event.type === 'partial' && event.callId === callId ? event.words : [],
  );
  return { callId, utterances: utterances.items, redactions: redactions.items, left, right, shown };
}

/** On a connection of its own: one kept alive over the length of a call may be closed just as it is used again. */
function ask(path: string): Promise<Response> {
  return server.get(path, { headers: { Connection: 'close' } });
}
