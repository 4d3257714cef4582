import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeAudioFeedFrame } from '#lib/audio-feed.ts';
import { silentLogger } from '#lib/log.ts';
import { readCorpora, readTelephoneAudio } from '../eval/utterances.ts';
import type { SpeechEvent } from '../process/messages.ts';
import { engineSettings } from '../testing/engine-settings.ts';
import { defaultProcessTimes, RecogniserProcess } from './process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asr-process-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A process, what it has told, and promises of what it is to tell. */
function start() {
  const speech: SpeechEvent[] = [];
  let gone = 0;
  const ready = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const settings = {
    engine: engineSettings(join(tmpdir(), 'sidetone-test-asr-cache')),
    speakers: { diarize: 'mixed' as const },
    waiting: { memoryS: 600, spoolFolder: folder, spoolBytes: 0 },
    ...defaultProcessTimes,
  };
  const socketPath = join(folder, 'a.sock');
  const process = new RecogniserProcess(socketPath, settings, silentLogger, {
    listening: () => undefined,
    ready: () => ready.resolve(),
    opened: () => undefined,
    speech: (_callId, _epoch, event) => speech.push(event),
    load: () => undefined,
    gone: () => {
      gone += 1;
      left.resolve();
    },
  });
  return { process, socketPath, speech, ready: ready.promise, left: left.promise, timesGone: () => gone };
}

it('closes within its time however much it still has to recognise', async () => {
  const { process, socketPath, speech, ready, left } = start();
  await ready;
  const [corpus] = await readCorpora(join(import.meta.dirname, '../../test/speech'));
  const audio = await Promise.all((corpus?.utterances ?? []).map(({ path }) => readTelephoneAudio(path)));
  const calls = ['a', 'b', 'c', 'd'];
  const sides = (['caller', 'callee'] as const).map((side) => ({ side, fromSample: 0, nextSegment: 0 }));
  for (const callId of calls) process.open(callId, 1, sides);
  const socket = connect(socketPath);
  socket.resume();
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  // Two minutes a channel: tens of seconds of work.
  for (const callId of calls) {
    for (const channel of [0, 1] as const) {
      socket.write(encodeAudioFeedFrame('open', channel, callId, 0));
      let sample = 0;
      for (let at = 0; sample < 8000 * 120; at += 1) {
        const pcm = audio[at % audio.length] ?? new Int16Array(8000);
        socket.write(encodeAudioFeedFrame('audio', channel, callId, sample, pcm));
        sample += pcm.length;
      }
    }
  }
  // The first results: it is at work, and says so every second, which must not put off its end.
  while (speech.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await process.close(2500);
  await left;
  expect(speech.filter((event) => event.type === 'finished').length).toBeLessThan(2 * calls.length);
  socket.destroy();
});

it.each(['starting', 'listening'])('closes while it is still %s', async (when) => {
  const { process, ready, timesGone } = start();
  if (when === 'listening') await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, 600))]);
  await process.close(20_000);
  expect(timesGone()).toBe(1);
  expect(process.takesCalls).toBe(false);
  await process.close(1);
});

it('is gone, once, when it cannot even be made', async () => {
  const { execPath } = process;
  process.execPath = '/nowhere/node';
  try {
    const { process: lost, left, timesGone } = start();
    await left;
    expect(timesGone()).toBe(1);
    await lost.close(1000);
  } finally {
    process.execPath = execPath;
  }
});
