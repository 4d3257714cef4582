import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { hasCode } from '#lib/errors.ts';
import { transcribe, transcriptionUrl } from './transcription.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

async function ask(answer: RequestListener, more: { timeoutMs?: number; attempts?: number } = {}) {
  server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return transcribe(new Uint8Array(100), { url, model: 'm', key: 'k', timeoutMs: 5000, attempts: 2, ...more });
}
const failed = (word: string) => (error: unknown) => hasCode(error, 'endpoint-failed') && error.message.includes(word);

test('what passes is asked again, within bounds', async () => {
  let asked = 0;
  const said = await ask((_request, response) => {
    asked += 1;
    if (asked === 1) response.writeHead(503).end();
    else response.end('{"text":"hello"}');
  });
  expect([asked, said]).toEqual([2, { text: 'hello' }]);
});

test('what does not pass is told at once, and says what to do', async () => {
  let asked = 0;
  const answered = ask((_request, response) => {
    asked += 1;
    response.writeHead(401).end('{"error":"words of somebody"}');
  });
  await expect(answered).rejects.toSatisfy(failed('asr.endpoint.key'));
  await expect(answered).rejects.not.toSatisfy(failed('somebody'));
  expect(asked).toBe(1);
});

test('an endpoint that says nothing, or nonsense, is given up', async () => {
  await expect(ask(() => undefined, { timeoutMs: 50, attempts: 1 })).rejects.toSatisfy(failed('timeout'));
  await expect(ask((_request, response) => response.end('<html>'))).rejects.toSatisfy(failed('other than JSON'));
  await expect(ask((_request, response) => response.end('{"words":[]}'))).rejects.toSatisfy(failed('without a text'));
});

test('it follows nobody elsewhere with what it carries', async () => {
  const elsewhere = ask((_request, response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(), {
    attempts: 1,
  });
  await expect(elsewhere).rejects.toSatisfy(failed('127.0.0.1'));
});

test('words without times are dropped rather than believed', async () => {
  const said = await ask((_request, response) => response.end('{"text":"a b","words":[{"word":"a"}]}'));
  expect(said).toEqual({ text: 'a b' });
});

test.each(['http://h/v1', 'http://h/v1/', 'http://h/v1/audio/transcriptions'])('%s is one and the same', (url) => {
  expect(transcriptionUrl(url)).toBe('http://h/v1/audio/transcriptions');
});
