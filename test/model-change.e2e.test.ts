import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call, Utterance } from '#analytics/types.ts';
import { findModelFiles } from '../asr/engines/moonshine/model-files.ts';
import { hasSherpa } from '../asr/testing/has-sherpa.ts';
import { alignWords } from '../asr/text/align.ts';
import { normaliseWords } from '../asr/text/normalise.ts';
import { readTelephoneSound } from '../cli/commands/call.ts';
import { callBetweenPhones } from '../cli/softphone/pair.ts';
import { readDemoScript } from '../demo/script.ts';
import { repository, TestServer, waitFor } from './server.ts';
import { SseWatcher } from './sse.ts';

/** The first four turns of the demonstration, and what is said in them. */
const seconds = 31;
const turns = readDemoScript(readFileSync(join(repository, 'demo/script.json'), 'utf8')).turns.slice(0, 4);

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
  await server.ready();
});
afterAll(() => server.close());

test.skipIf(!hasSherpa)('one command changes the model of a running server in the middle of a call', async () => {
  const dataDir = join(server.dir, 'data');
  // What somebody brings: the packaged weights, run by sherpa-onnx.
  mkdirSync(join(dataDir, 'models'), { recursive: true });
  symlinkSync(dirname((await findModelFiles()).encoderPath), join(dataDir, 'models', 'brought'));
  const watcher = await SseWatcher.open((path, init) => server.get(path, init), '/api/v1/events');
  const sound = async (name: string): Promise<Int16Array> =>
    (await readTelephoneSound(join(repository, 'demo', name))).slice(0, seconds * 8000);
  const called = callBetweenPhones({
    callerPcm: await sound('caller.wav'),
    calleePcm: await sound('callee.wav'),
    via: server.sip,
    transport: 'udp',
  });
  await delay(8000);
  const changed = await new Promise<string>((resolve, reject) => {
    const env = { ...process.env, SIDETONE_DATA_DIR: dataDir, SIDETONE_HTTP_PORT: new URL(server.url).port };
    execFile(join(repository, 'cli/sidetone'), ['models', 'use', 'brought'], { env, cwd: dataDir }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
  expect(changed).toContain('brought is in use');
  const { callId } = await called;
  await waitFor('the end of the call', () => watcher.events.find(({ type }) => type === 'end'), 60_000);
  watcher.close();

  const call = await server.json<Call>(`/api/v1/calls/${String(callId)}`);
  expect(call).toMatchObject({ completeness: 'complete' });
  const { items } = await server.json<{ items: Utterance[] }>(`/api/v1/calls/${String(callId)}/transcript`);
  for (const side of ['caller', 'callee'] as const) {
    const said = normaliseWords(turns.flatMap((turn) => (turn.side === side ? [turn.text] : [])).join(' '));
    const heard = normaliseWords(items.flatMap((each) => (each.side === side ? [each.text] : [])).join(' '));
    const { substitutions, deletions, insertions } = alignWords(said, heard);
    expect(deletions + insertions).toBeLessThan(4);
    expect(substitutions).toBeLessThan(said.length / 8);
  }
  const { items: models } = await server.json<{ items: { name: string; inUse: boolean }[] }>('/api/v1/models');
  expect(models.filter(({ inUse }) => inUse).map(({ name }) => name)).toEqual(['brought']);
});
