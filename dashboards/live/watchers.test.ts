import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '#lib/clock.ts';
import { silentLogger } from '#lib/log.ts';
import { Watchers, type WatchEnd } from './watchers.ts';

let watchers: Watchers;
let server: Server;
let isGood: () => Promise<boolean>;
let ends: WatchEnd[];
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  watchers = new Watchers(systemClock, silentLogger);
  ends = [];
  const app = express();
  app.get('/', (_request, response) => {
    watchers.open(response, {
      run: () => () => undefined,
      isStillGood: () => isGood(),
      onEnd: (end) => ends.push(end),
    });
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  await watchers.close();
  server.close();
  vi.useRealTimers();
});

const watch = (): Promise<Response> => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

test('whoever is good no longer is let go within fifteen seconds, and told so', async () => {
  isGood = () => Promise.resolve(true);
  const answer = await watch();
  vi.advanceTimersByTime(15_000);
  isGood = () => Promise.resolve(false);
  vi.advanceTimersByTime(15_000);
  // Ends by itself; heartbeats and all.
  expect(await answer.text()).toMatch(/event: signed-out\ndata: \{"type":"signed-out"\}\n\n$/);
  await vi.waitFor(() => expect(ends).toEqual(['signed-out']));
});

test('while it cannot be known, the stream goes on', async () => {
  isGood = () => Promise.reject(new Error('the database is away'));
  const answer = await watch();
  vi.advanceTimersByTime(60_000);
  expect(ends).toEqual([]);
  await answer.body?.cancel();
  await vi.waitFor(() => expect(ends).toEqual(['closed']));
});

test('closing lets everybody go', async () => {
  isGood = () => Promise.resolve(true);
  const answers = [await watch(), await watch()];
  await watchers.close();
  expect(ends).toEqual(['closed', 'closed']);
  for (const answer of answers) expect(await answer.text()).not.toContain('signed-out');
});
