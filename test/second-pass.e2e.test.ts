import { mkdtempSync, rmSync, symlinkSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openAsBlob } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Call, Utterance } from '#analytics/types.ts';
import { findModelFiles } from '../asr/engines/moonshine/model-files.ts';
import { hasSherpa } from '../asr/testing/has-sherpa.ts';
import { repository, TestServer, waitFor } from './server.ts';

/** Ended calls are recognised again by a whole server, from what it has kept of them. */
let dir: string;
let server: TestServer | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sidetone-second-'));
});
afterEach(async () => {
  await server?.close();
  rmSync(dir, { recursive: true, force: true });
});

async function handIn(to: TestServer): Promise<string> {
  const form = new FormData();
  form.append('file', await openAsBlob(join(repository, 'demo/caller.wav')), 'caller.wav');
  form.append('file', await openAsBlob(join(repository, 'demo/callee.wav')), 'callee.wav');
  form.append('pair', 'true');
  form.append('phrases', 'Northwind\nOkonkwo');
  const headers = { Authorization: `Bearer ${to.adminKey}` };
  const answer = await fetch(`${to.url}/api/v1/ingest`, { method: 'POST', headers, body: form });
  const { items } = (await answer.json()) as { items: { callIds: string[] }[] };
  return items[0]?.callIds[0] ?? '';
}
async function noted(at: TestServer, callId: string, wanted: string): Promise<Call> {
  return waitFor(
    `the note ${wanted}`,
    async () => {
      const answer = await at.get(`/api/v1/calls/${callId}`);
      const call = answer.ok ? ((await answer.json()) as Call) : undefined;
      return call?.notes.some(({ note }) => note === wanted) === true ? call : undefined;
    },
    120_000,
  );
}
const transcriptOf = async (at: TestServer, callId: string): Promise<readonly Utterance[]> =>
  (await at.json<{ items: Utterance[] }>(`/api/v1/calls/${callId}/transcript`)).items;
const masksOf = (utterances: readonly Utterance[]): readonly string[] =>
  utterances.flatMap(({ text }) => text.match(/\[[A-Z]+\]/g) ?? []);

/** An endpoint as OpenAI's that hears the same in every piece. */
async function serveText(text: string): Promise<{ readonly endpoint: Server; readonly url: string }> {
  const endpoint = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ language: 'english', text }));
    });
  });
  await new Promise<void>((resolve) => {
    endpoint.listen(0, '127.0.0.1', resolve);
  });
  return { endpoint, url: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/v1` };
}

test.skipIf(!hasSherpa)('the packaged weights by sherpa-onnx read a call again; what is masked stays so', async () => {
  mkdirSync(join(dir, 'data', 'models'), { recursive: true });
  symlinkSync(dirname((await findModelFiles()).encoderPath), join(dir, 'data', 'models', 'brought'));
  server = await TestServer.start({ dir, yaml: 'asr: { secondPass: { model: brought } }' });
  await server.ready();
  const callId = await handIn(server);
  const { notes } = await noted(server, callId, 'second-pass');
  expect(notes.find(({ note }) => note === 'second-pass')?.detail).toMatch(/^brought: \d+ turns, \d+ changed$/);
  const utterances = await transcriptOf(server, callId);
  expect(masksOf(utterances)).toContain('[CARD]');
  const again = utterances.filter(({ textBy }) => textBy === 'second-pass');
  expect(again.length).toBeGreaterThan(0);
  for (const { utteranceId, revision } of again) {
    const path = `/api/v1/calls/${callId}/utterances/${utteranceId}/revisions`;
    const { items } = await server.json<{ items: { revision: number; textBy: string }[] }>(path);
    expect(items.map((item) => `${item.revision} ${item.textBy}`)).toEqual([`${revision - 1} recogniser`]);
  }
  expect(await (await server.get('/metrics')).text()).toMatch(/sidetone_second_pass_calls_total\{result="done"\} 1/);
});

test('a server goes on with what an earlier one had not read again; an endpoint that says numbers gives none away', async () => {
  const { endpoint, url } = await serveText('My card number is 4111 1111 1111 1111.');
  try {
    const off = await TestServer.start({ dir });
    server = off;
    await off.ready();
    const callId = await handIn(off);
    await waitFor(
      'the end of the call',
      async () => ((await off.json<Call>(`/api/v1/calls/${callId}`)).completeness === 'pending' ? undefined : true),
      60_000,
    );
    const first = await transcriptOf(off, callId);
    await off.close();
    // Turned on, the server of the same folder finds the call that has had none.
    server = await TestServer.start({ dir, yaml: `asr: { secondPass: { model: "${url}" } }` });
    await server.ready();
    await noted(server, callId, 'second-pass');
    const utterances = await transcriptOf(server, callId);
    expect(JSON.stringify(utterances)).not.toMatch(/4111/);
    expect(utterances).toHaveLength(first.length);
    const after = masksOf(utterances);
    for (const mask of new Set(masksOf(first))) {
      const count = (masks: readonly string[]): number => masks.filter((each) => each === mask).length;
      expect(count(after)).toBeGreaterThanOrEqual(count(masksOf(first)));
    }
  } finally {
    endpoint.close();
  }
});
