import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics.ts';
import { startSipEngine } from './engine.ts';
import { delay, respond, TestApp } from './testing/app.ts';
import { udpPeer, type Peer } from './testing/peer.ts';
import { requestText } from './testing/texts.ts';

let app: TestApp;
let peer: Peer;
beforeEach(async () => {
  app = await TestApp.start();
  peer = await udpPeer(app.port);
});
afterEach(async () => {
  peer.close();
  await app.close();
});

test('400 names what is wrong, and an ACK that cannot be parsed gets none', async () => {
  const bad = (method: string): string =>
    requestText({ method, port: peer.port }).replace(/Content-Length: .*/, 'Content-Length: x');
  peer.send(bad('ACK'));
  peer.send(bad('INVITE'));
  expect((await peer.response(400)).reason).toBe('Bad Content-Length');
  await delay(20);
  expect(peer.count(400)).toBe(1);
  expect(await app.metric('sidetone_sip_malformed_total{why="content-length"}')).toBe(2);
});

test.each([
  [505, { method: 'INVITE' }, [' SIP/2.0\r\n', ' SIP/3.0\r\n']],
  [416, { method: 'INVITE', uri: 'mailto:bob@example.net' }, ['', '']],
  [501, { method: 'BREW' }, ['', '']],
  [405, { method: 'SUBSCRIBE' }, ['', '']],
  [481, { method: 'INFO', toTag: 'unknown' }, ['', '']],
] as const)('%i', async (status, options, [from, to]) => {
  peer.send(requestText({ ...options, port: peer.port }).replace(from, to));
  const refusal = await peer.response(status);
  expect(refusal.toTag).not.toBe('');
  expect(refusal.headers.has('Allow')).toBe(status === 501 || status === 405);
});

test('tel: is a scheme that goes to the application', async () => {
  const coming = app.next('invite');
  peer.send(requestText({ method: 'INVITE', port: peer.port, uri: 'tel:+15551234' }));
  await respond((await coming).response, 404);
  expect((await peer.response(404)).reason).toBe('Not Found');
});

test('the same request by another way is merged: 482 (RFC 3261 section 8.2.2.2)', async () => {
  let heard = 0;
  app.on('options', (_request, response) => {
    heard += 1;
    void respond(response, 200);
  });
  const same = { method: 'OPTIONS', port: peer.port, callId: 'merged', cseq: 5 };
  peer.send(requestText(same));
  await peer.response(200);
  peer.send(requestText(same));
  await peer.response(482);
  expect(heard).toBe(1);
});

test('empty, truncated and foreign datagrams are counted and answered with nothing', async () => {
  for (const bytes of ['', '\0', '\r\n\r\n', 'INVITE', '\x80\x08\x12\x34', 'SIP/2.0 200 OK\r\n\r\n']) peer.send(bytes);
  peer.send(requestText({ method: 'ACK', port: peer.port, toTag: 'nobody' }));
  await delay(50);
  expect(peer.heard).toEqual([]);
  expect(await app.metric('sidetone_sip_malformed_total{why="empty"}')).toBe(1);
  expect(await app.metric('sidetone_sip_malformed_total{why="start-line"}')).toBe(2);
  expect(await app.metric('sidetone_sip_transport_total{what="keepalive",transport="udp"}')).toBe(2);
  expect(await app.metric('sidetone_sip_strays_total{kind="ack"}')).toBe(1);
});

test('no application: 503 with Retry-After', async () => {
  const engine = await startSipEngine({
    host: '127.0.0.1',
    port: 0,
    transports: ['udp'],
    logger: silentLogger,
    metrics: createMetrics(),
  });
  const alone = await udpPeer(engine.bindings[0]?.port ?? 0);
  alone.send(requestText({ method: 'INVITE', port: alone.port }));
  expect((await alone.response(503)).headers.get('Retry-After')).toBe('5');
  alone.close();
  await engine.close();
});

test('an application that goes leaves no request unanswered', async () => {
  const coming = app.next('invite');
  peer.send(requestText({ method: 'INVITE', port: peer.port }));
  await coming;
  app.srf.disconnect();
  expect((await peer.response(503)).cseqMethod).toBe('INVITE');
});

test('a port that is taken is an error of the start, and leaves nothing open', async () => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const options = {
    host: '127.0.0.1',
    transports: ['tcp', 'udp'],
    logger: silentLogger,
    metrics: createMetrics(),
  } as const;
  await expect(startSipEngine({ ...options, port: socket.address().port })).rejects.toThrow('EADDRINUSE');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  await (await startSipEngine({ ...options, port })).close();
});
