import { createServer, request as httpRequest, type ClientRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import express from 'express';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hurryBodies, takeTime } from './slow-bodies.ts';

const bodyMs = 1000;
let server: Server;
beforeEach(async () => {
  const app = express();
  app.use(hurryBodies({ bodyMs, lingerMs: 50 }));
  app.post('/read', express.text(), (_request, response) => void response.send('read'));
  app.post('/upload', (request, response) => {
    takeTime(request);
    request.resume().once('end', () => response.send('taken'));
  });
  app.post('/refuse', (_request, response) => void response.status(401).send('no'));
  app.get('/long', (_request, response) => {
    response.write('first, ');
    void setTimeout(1.5 * bodyMs).then(() => response.end('last'));
  });
  server = createServer({ requestTimeout: 0 }, app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

interface Asked {
  readonly request: ClientRequest;
  /** Text of the answer; undefined: the connection was let go without one. */
  readonly answer: Promise<string | undefined>;
  /** The server has closed the connection. */
  readonly gone: Promise<void>;
}
function ask(method: string, path: string): Asked {
  const request = httpRequest({
    port: (server.address() as AddressInfo).port,
    method,
    path,
    headers: { 'Content-Type': 'text/plain' },
    agent: false,
  });
  const answer = new Promise<string | undefined>((resolve) => {
    request.once('error', () => resolve(undefined));
    request.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.once('end', () => resolve(text));
    });
  });
  const gone = new Promise<void>((resolve) => request.once('close', () => resolve()));
  return { request, answer, gone };
}

test('a body that does not come is not waited for', async () => {
  const { request, answer } = ask('POST', '/read');
  request.write('half of i');
  expect(await answer).toBeUndefined();
});

test('an upload may take longer, as long as it goes on', async () => {
  const { request, answer } = ask('POST', '/upload');
  for (let part = 0; part < 6; part++) {
    request.write('a part of it');
    await setTimeout(bodyMs / 4);
  }
  request.end();
  expect(await answer).toBe('taken');
});

test('an upload that stands still is let go', async () => {
  const { request, answer } = ask('POST', '/upload');
  request.write('half of i');
  expect(await answer).toBeUndefined();
});

test('a refusal arrives although its body is still being sent, and then the connection ends', async () => {
  const { request, answer, gone } = ask('POST', '/refuse');
  request.write('half of i');
  expect(await answer).toBe('no');
  await gone;
});

test('an answer that goes on for long has nothing to do with it', async () => {
  const { request, answer } = ask('GET', '/long');
  request.end();
  expect(await answer).toBe('first, last');
});
