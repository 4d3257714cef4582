import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer, type ClientOptions } from 'ws';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

let house: HttpHouse;
let echo: WebSocketServer;
beforeAll(async () => {
  house = await openHttpHouse();
  echo = answering(house);
});
beforeEach(() => {
  house.streams.senders.length = 0;
});
afterAll(async () => {
  echo.close();
  await house.close();
});

/** A WebSocket server of somebody else's making behind the door, which sends back what it gets. */
function answering({ streams }: HttpHouse): WebSocketServer {
  const server = new WebSocketServer({ noServer: true });
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  streams.onUpgrade = (request, socket, head) =>
    server.handleUpgrade(request, socket, head, (opened) => server.emit('connection', opened, request));
  return server;
}

const address = (path: string, of = house): string => `${of.http.url.replace('http', 'ws')}/api/v1/streams${path}`;

/** What comes back of a word that is sent, or the answer that refused it. */
function talk(path: string, options: ClientOptions = {}, of = house): Promise<string | IncomingMessage> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address(path, of), options);
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response);
    });
    socket.once('error', reject);
    socket.once('open', () => socket.send('hello'));
    socket.once('message', (data: Buffer) => {
      socket.close();
      resolve(data.toString());
    });
  });
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

test('a sender is let in by its key, however it can say it, and is known by the key’s name', async () => {
  const { sender: key } = house.keys;
  expect(await talk('', { headers: { Authorization: `Bearer ${key}` } })).toBe('hello');
  expect(await talk('', { headers: { Authorization: basic('anybody', key) } })).toBe('hello');
  expect(await talk(`?token=${key}&callId=7`)).toBe('hello');
  expect(await talk(`/${key}`)).toBe('hello');
  expect(house.streams.senders).toHaveLength(4);
  for (const sender of house.streams.senders) expect(sender).toEqual({ name: 'sender key', address: '127.0.0.1' });
});

test('one without a key, or with one that is none or is revoked, is turned away, on record and with the remedy', async () => {
  const { key, secret } = await house.database.keys.add({ name: 'old', role: 'sender' });
  await house.database.keys.revoke(key.keyId);
  const refused = [
    await talk(''),
    await talk('/not-a-key-of-ours'),
    await talk('?token='),
    await talk('', { headers: { Authorization: basic('x', secret) } }),
  ];
  expect(refused.map((answer) => (typeof answer === 'string' ? answer : answer.statusCode))).toEqual(
    Array(4).fill(401),
  );
  expect((refused[0] as IncomingMessage).headers).toMatchObject({
    'content-type': 'application/problem+json',
    'www-authenticate': expect.stringContaining('Bearer') as unknown,
  });
  expect(house.streams.senders).toEqual([]);
  expect(house.sources.refusals.map(([source, from, { reason }]) => [source.source, from, reason])).toEqual([
    ['websocket', '127.0.0.1', 'stream-without-key'],
    ['websocket', '127.0.0.1', 'stream-key-wrong'],
    ['websocket', '127.0.0.1', 'stream-key-wrong'],
    ['websocket', '127.0.0.1', 'stream-key-wrong'],
  ]);
  const { items } = await house.database.audit.list({ action: 'request-refused', limit: 10 });
  expect(items).toHaveLength(4);
  expect(items[0]?.entry).toMatchObject({ target: { id: 'openStream' }, outcome: 'refused' });
  expect(JSON.stringify(items)).not.toContain(secret);
});

test('an admin’s key opens a stream too; a reader’s does not, and the log says whose it was', async () => {
  expect(await talk('', { headers: { Authorization: `Bearer ${house.keys.admin}` } })).toBe('hello');
  const refused = (await talk(`/${house.keys.reader}`)) as IncomingMessage;
  expect(refused.statusCode).toBe(403);
  expect(house.sources.refusals.at(-1)?.[2]).toMatchObject({
    reason: 'stream-key-reads',
    remedy: expect.stringContaining('--role sender') as unknown,
  });
  const { items } = await house.database.audit.list({ action: 'request-refused', limit: 1 });
  expect(items[0]?.entry).toMatchObject({ actor: { name: 'reader key' }, detail: { reason: 'stream-key-reads' } });
  expect(house.streams.senders).toHaveLength(1);
});

test('one that is turned away and does not hang up is let go all the same', async () => {
  const socket = connect({ port: Number(new URL(house.http.url).port), host: '127.0.0.1', allowHalfOpen: true });
  const gone = new Promise((resolve) => void socket.once('error', resolve));
  socket.write(
    'GET /api/v1/streams HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toContain('401 Unauthorized');
  // It notices only when it says something more.
  const saying = setInterval(() => socket.write('x'), 100);
  await gone;
  clearInterval(saying);
});

test('the address alone lets a sender in where the configuration says so, but no page in a browser', async () => {
  const trunks = [{ name: 'pbx', match: ['127.0.0.1'] }];
  const open = await openHttpHouse({
    config: { streams: { allow: ['127.0.0.0/8'] }, trunks },
    http: { publicUrl: 'https://calls.example.org' },
  });
  const server = answering(open);
  try {
    expect(await talk('', {}, open)).toBe('hello');
    // As mod_audio_fork sends it: the host that it connects to.
    expect(await talk('', { headers: { Origin: open.http.url } }, open)).toBe('hello');
    expect(open.streams.senders[0]).toEqual({ name: 'pbx', address: '127.0.0.1' });
    const pages: readonly (readonly [headers: Record<string, string>, reason: string | undefined])[] = [
      [{ Origin: 'https://elsewhere.example' }, 'stream-from-page'],
      [{ Origin: 'null' }, 'stream-from-page'],
      // A page of another server on this machine, and one that leaves Origin to be guessed.
      [{ Origin: 'http://127.0.0.1:9' }, 'stream-from-page'],
      [{ 'Sec-Fetch-Site': 'cross-site' }, 'stream-from-page'],
      // DNS rebinding: the page's own name leads to our address, and it is of "the same origin".
      [{ Origin: 'http://rebound.example:8080', Host: 'rebound.example:8080' }, 'stream-host-unknown'],
      // No browser: a name is as good as another.
      [{ Host: 'sidetone.internal' }, undefined],
      [{ Origin: 'http://localhost:8080', Host: 'localhost:8080' }, undefined],
      // Behind a proxy that does not pass the host on.
      [{ Origin: 'https://calls.example.org', Host: 'upstream:80' }, undefined],
    ];
    for (const [headers, reason] of pages) {
      open.sources.refusals.length = 0;
      const answer = await talk('', { headers }, open);
      expect([headers, open.sources.refusals.at(-1)?.[2].reason]).toEqual([headers, reason]);
      expect(typeof answer === 'string' ? answer : answer.statusCode).toBe(reason === undefined ? 'hello' : 403);
    }
    const wrong = (await talk('?token=some-other-key', {}, open)) as IncomingMessage;
    expect(wrong.statusCode).toBe(401);
    // And the server closes although a stream is open.
    const socket = new WebSocket(address('', open));
    const closed = new Promise((resolve) => void socket.once('close', () => resolve('closed')));
    await new Promise((resolve) => void socket.once('open', resolve));
    await open.close();
    expect(await closed).toBe('closed');
  } finally {
    server.close();
    await open.close();
  }
});

test('an upgrade anywhere else is a request like the rest, and a request here says that it wants a WebSocket', async () => {
  const upgraded = await new Promise<IncomingMessage>((resolve) => {
    const headers = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': '' };
    httpRequest(`${house.http.url}/healthz`, { headers }, resolve).end();
  });
  upgraded.resume();
  expect(upgraded.statusCode).toBe(200);
  const plain = await house.ask(`/api/v1/streams/${house.keys.sender}`);
  expect([plain.status, plain.headers.get('upgrade')]).toEqual([400, 'websocket']);
  const rows = JSON.stringify(await house.database.audit.list({ limit: 100 }));
  expect(rows, 'no key is recorded').not.toContain(house.keys.sender);
});

test('past the limit refusals are 429 and no longer recorded', async () => {
  for (let tries = 0; tries < 300; tries += 50) {
    await Promise.all(Array.from({ length: 50 }, () => talk('')));
  }
  const answer = (await talk(`/${house.keys.sender}`)) as IncomingMessage;
  expect([answer.statusCode, Number(answer.headers['retry-after']) > 0]).toEqual([429, true]);
});
