import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { configSchema } from '#lib/config/schema.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { talkSides, type ChannelSide } from '#sip/types.ts';
import { startRecogniser } from './recogniser.ts';
import { breaches } from './testing/event-order.ts';
import { FeedSource, type FeedSourceOptions } from './testing/feed-source.ts';
import { endlessMs, type AsrEvent } from './types.ts';

const hasFlite = spawnSync('flite', ['--version']).error === undefined;
const cacheDir = join(tmpdir(), 'sidetone-test-asr-cache');
const silence = new Int16Array(24_000);
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

/** 16 kHz from flite, two samples to one. Silence of `leadMs` before, `tailMs` after. */
function speak(text: string, leadMs: number, tailMs: number): Int16Array {
  const folder = mkdtempSync(join(tmpdir(), 'asr-speak-'));
  const path = join(folder, 'a.wav');
  spawnSync('flite', ['-voice', 'slt', '-t', text, '-o', path]);
  const wav = readFileSync(path);
  rmSync(folder, { recursive: true });
  const samples = Math.floor((wav.length - 44) / 4);
  const pcm = new Int16Array(leadMs * 8 + samples + tailMs * 8);
  for (let i = 0; i < samples; i += 1) {
    pcm[leadMs * 8 + i] = (wav.readInt16LE(44 + 4 * i) + wav.readInt16LE(46 + 4 * i)) / 2;
  }
  return pcm;
}

async function setUp(feed: FeedSourceOptions, processes = 1) {
  const runtimeDir = mkdtempSync(join(tmpdir(), 'asr-run-'));
  const source = new FeedSource(feed);
  const recogniser = await startRecogniser({
    config: configSchema.parse({ asr: { processes } }),
    feed: source,
    runtimeDir,
    cacheDir,
    logger: silentLogger,
    metrics: createMetrics(),
  });
  cleanups.push(
    () => rmSync(runtimeDir, { recursive: true }),
    () => source.close(),
    () => recogniser.close(),
  );
  const events: AsrEvent[] = [];
  recogniser.subscribe((event) => events.push(event));
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await delay(20);
  };
  const finished = (sides: number): Promise<void> =>
    until(() => events.filter((event) => event.type === 'finished').length >= sides);
  return { source, recogniser, events, until, finished };
}

function textOf(events: readonly AsrEvent[], side: ChannelSide): string {
  const texts = events.flatMap((event) => (event.type === 'final' && event.side === side ? [event.text] : []));
  return texts.join(' ').toLowerCase();
}

/** Recogniser processes of this test: children that run child.ts. */
function childPids(): number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
    .filter((pid) => pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('asr/process/child.ts'));
}

describe('startRecogniser', () => {
  it.skipIf(!hasFlite)('hears both sides of a call, apart and in order, down to the last word', async () => {
    const { source, recogniser, events, finished } = await setUp({ speed: 4 });
    source.add('call-1', {
      caller: speak('I would like to cancel my subscription. The reason is that it is too expensive.', 400, 0),
      callee: speak('Good morning, how can I help you today?', 1500, 2000),
    });
    recogniser.open('call-1', talkSides);
    await finished(2);
    expect(breaches(events)).toEqual([]);
    expect(textOf(events, 'caller')).toMatch(/cancel my subscription.*expensive/);
    expect(textOf(events, 'callee')).toMatch(/how can i help you today/);
    expect(events.some((event) => event.type === 'partial')).toBe(true);
    expect(recogniser.status()).toMatchObject({ ready: true, openCalls: 0, restarts: 0 });
    expect(source.decidedSamples.get('call-1:caller')).toBeGreaterThan(8000);
  });

  it.skipIf(!hasFlite)('loses and doubles nothing when its process is killed in mid-call', async () => {
    const { source, recogniser, events, until, finished } = await setUp({ speed: 3 });
    source.add('call-1', {
      caller: speak('I would like to cancel my subscription. The reason is that it is too expensive.', 400, 1500),
      callee: speak('Good morning, how can I help you today?', 1500, 2000),
    });
    recogniser.open('call-1', talkSides);
    await until(() => events.some((event) => event.type === 'partial' && event.side === 'caller'));
    for (const pid of childPids()) process.kill(pid, 'SIGKILL');
    await finished(2);
    expect(recogniser.status().restarts).toBe(1);
    expect(breaches(events)).toEqual([]);
    expect(events.filter((event) => event.type === 'unheard')).toEqual([]);
    expect(textOf(events, 'caller').match(/cancel my subscription/g)).toHaveLength(1);
    expect(textOf(events, 'callee').match(/how can i help you today/g)).toHaveLength(1);
  });

  it.skipIf(!hasFlite)('loses and doubles nothing when its process dies before it can hear', async () => {
    const { source, recogniser, events, until, finished } = await setUp({ speed: 3 });
    source.add('call-1', { caller: speak('Good morning, how can I help you today?', 300, 1200), callee: silence });
    recogniser.open('call-1', talkSides);
    const [first = 0] = childPids();
    process.kill(first, 'SIGKILL');
    await until(() => childPids().some((pid) => pid !== first));
    // The next one listens already and loads its model.
    const [second = 0] = childPids();
    await until(() => source.attached.has('call-1'));
    process.kill(second, 'SIGKILL');
    await finished(2);
    expect(recogniser.status().restarts).toBe(2);
    expect(breaches(events)).toEqual([]);
    expect(textOf(events, 'caller').match(/how can i help you today/g)).toHaveLength(1);
  });

  it.skipIf(!hasFlite)('goes on with all calls of two processes when one of them dies', async () => {
    const { source, recogniser, events, until, finished } = await setUp({ speed: 2 }, 2);
    await until(() => recogniser.status().ready && childPids().length === 2);
    const calls = ['call-1', 'call-2', 'call-3'];
    for (const callId of calls) {
      source.add(callId, { caller: speak('Good morning, how can I help you today?', 300, 1200), callee: silence });
      recogniser.open(callId, talkSides);
    }
    await until(() => events.some((event) => event.type === 'partial'));
    process.kill(childPids()[0] ?? 0, 'SIGKILL');
    await finished(2 * calls.length);
    expect(breaches(events)).toEqual([]);
    for (const callId of calls) {
      const own = events.filter((event) => event.callId === callId);
      expect(textOf(own, 'caller').match(/how can i help you today/g)).toHaveLength(1);
    }
  });

  it.skipIf(!hasFlite)('hears a third side that joins, whichever process hears the call by then', async () => {
    const { source, recogniser, events, until, finished } = await setUp({ speed: 3 });
    source.add('call-1', {
      caller: speak('I would like to cancel my subscription.', 400, 8500),
      callee: speak('Good morning, how can I help you today?', 1500, 9000),
    });
    source.add('call-2', { mixed: speak('Good morning, how can I help you today?', 300, 4000) });
    recogniser.open('call-1', talkSides);
    recogniser.open('call-2', ['mixed']);
    // The audio of the third is there before anybody has told of it.
    const joinsMs = 5000;
    source.addSide('call-1', 'other', speak('The reason is that it is too expensive.', 300, 2000), joinsMs * 8);
    await until(() =>
      events.some((event) => event.callId === 'call-1' && event.type === 'progress' && event.heardMs > 5600),
    );
    recogniser.addSide('call-1', 'other', joinsMs);
    recogniser.addSide('call-1', 'other', joinsMs);
    await until(() => events.some((event) => event.side === 'other'));
    for (const pid of childPids()) process.kill(pid, 'SIGKILL');
    await finished(4);
    await delay(100);
    expect(recogniser.status()).toMatchObject({ restarts: 1, openCalls: 0 });
    expect(breaches(events)).toEqual([]);
    expect(events.filter((event) => event.type === 'unheard')).toEqual([]);
    expect(events.filter((event) => event.type === 'finished')).toHaveLength(4);
    expect(textOf(events, 'caller').match(/cancel my subscription/g)).toHaveLength(1);
    expect(textOf(events, 'callee').match(/how can i help you today/g)).toHaveLength(1);
    expect(textOf(events, 'mixed').match(/how can i help you today/g)).toHaveLength(1);
    const told = events.filter((event) => event.type === 'speakers');
    expect(told.map(({ side, settled }) => `${side} ${settled}`).at(-1)).toBe('mixed true');
    expect(told.at(-1)?.turns[0]).toMatchObject({ speaker: '1' });
    expect(textOf(events, 'other').match(/too expensive/g)).toHaveLength(1);
    const starts = events.flatMap((event) => (event.side === 'other' && 'startMs' in event ? [event.startMs] : []));
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(joinsMs);
  });

  it.skipIf(!hasFlite)('hears a side of which it is told when all others have ended', async () => {
    const { source, recogniser, events, finished } = await setUp({ speed: 4 });
    source.add('call-1', { caller: silence });
    source.addSide('call-1', 'callee', speak('Good morning, how can I help you today?', 300, 1200), 8000);
    recogniser.open('call-1', ['caller']);
    await finished(1);
    recogniser.addSide('call-1', 'callee', 1000);
    await finished(2);
    expect(breaches(events)).toEqual([]);
    expect(events.filter((event) => event.type === 'unheard')).toEqual([]);
    expect(textOf(events, 'callee')).toMatch(/how can i help you today/);
    expect(recogniser.status().openCalls).toBe(0);
  });

  it('ends its calls also when the process dies while it is closing', async () => {
    const { source, recogniser, events, until } = await setUp({});
    source.add('call-1', { caller: new Int16Array(800_000), callee: new Int16Array(800_000) });
    recogniser.open('call-1', talkSides);
    await until(() => events.some((event) => event.type === 'progress'));
    for (const pid of childPids()) process.kill(pid, 'SIGSTOP');
    const closed = recogniser.close();
    for (const pid of childPids()) process.kill(pid, 'SIGKILL');
    await closed;
    expect(breaches(events)).toEqual([]);
    expect(recogniser.status()).toMatchObject({ openCalls: 0, restarts: 0 });
    expect(childPids()).toEqual([]);
  });

  it.skipIf(!hasFlite)('says what it never heard when the audio is no longer there', async () => {
    const { source, recogniser, events, until, finished } = await setUp({ memorySamples: 800 });
    const sentence = speak('Good morning, how can I help you today?', 300, 1200);
    await until(() => recogniser.status().ready);
    source.add('call-1', { caller: sentence, callee: new Int16Array(sentence.length) });
    recogniser.open('call-1', talkSides);
    await until(() => events.some((event) => event.type === 'partial'));
    for (const pid of childPids()) process.kill(pid, 'SIGKILL');
    await finished(2);
    expect(breaches(events)).toEqual([]);
    expect(events.some((event) => event.type === 'unheard' && event.side === 'caller')).toBe(true);
  });

  it('runs its processes niced with all their threads, deaf to signals, without core dumps of their own, and closes them', async () => {
    const { recogniser, until } = await setUp({});
    await until(() => recogniser.status().ready);
    const [pid] = childPids();
    if (pid === undefined) throw new Error('no process');
    // Each thread has a priority of its own.
    const threads = readdirSync(`/proc/${pid}/task`);
    expect(threads.length).toBeGreaterThan(4);
    const niceness = threads.map(
      (id) => readFileSync(`/proc/${pid}/task/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[16],
    );
    expect(new Set(niceness)).toEqual(new Set(['10']));
    const coreLimit = (of: string): string | undefined =>
      /^Max core file size.*$/m.exec(readFileSync(`/proc/${of}/limits`, 'utf8'))?.[0];
    expect(coreLimit(String(pid))).toBe(coreLimit('self'));
    process.kill(pid, 'SIGTERM');
    process.kill(pid, 'SIGINT');
    await delay(200);
    expect(childPids()).toEqual([pid]);
    await recogniser.close();
    expect(childPids()).toEqual([]);
  });

  it('ends calls that are still going on when it is closed', async () => {
    const { source, recogniser, events, until } = await setUp({});
    source.add('call-1', { caller: new Int16Array(800_000), callee: new Int16Array(800_000) });
    recogniser.open('call-1', talkSides);
    await until(() => events.some((event) => event.type === 'progress' && event.heardMs > 1000));
    await recogniser.close();
    expect(breaches(events)).toEqual([]);
    expect(recogniser.status().openCalls).toBe(0);
    // The calls go on: what is said from here on must never be taken for silence that was heard.
    for (const side of ['caller', 'callee']) {
      expect(events.filter((event) => event.side === side).slice(-2)).toMatchObject([
        { type: 'unheard', endMs: endlessMs },
        { type: 'finished', endMs: endlessMs },
      ]);
    }
  });

  it('hears nothing and says so when recognition is off', async () => {
    const { recogniser, events } = await setUp({}, 0);
    recogniser.open('call-1', talkSides);
    expect(breaches(events)).toEqual([]);
    recogniser.addSide('call-1', 'other', 2000);
    expect(events.map((event) => event.type)).toEqual(Array.from({ length: 3 }, () => ['unheard', 'finished']).flat());
    expect(events[0]).toMatchObject({ startMs: 0, endMs: endlessMs });
    expect(events[4]).toMatchObject({ side: 'other', startMs: 2000, endMs: endlessMs });
  });
});
