import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { delay, respond, TestApp } from './testing/app.ts';
import { tcpPeer } from './testing/peer.ts';
import { requestText } from './testing/texts.ts';
import { maxConnections } from './transport/tcp.ts';

let app: TestApp;
beforeEach(async () => {
  app = await TestApp.start();
});
afterEach(() => app.close());

test('a flood of idle connections pushes out its own, not the one in use', async () => {
  app.on('options', (_request, response) => void respond(response, 200));
  const peer = await tcpPeer(app.port);
  const ask = async (callId: string): Promise<void> => {
    peer.send(requestText({ method: 'OPTIONS', port: peer.port, transport: 'TCP', callId }));
    await peer.response(200);
  };
  const idle: Socket[] = [];
  let dropped = 0;
  for (let number = 1; number <= maxConnections + 20; number += 1) {
    const socket = connect(app.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('close', () => (dropped += 1));
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    idle.push(socket);
    if (number % 200 === 0) await ask(`busy${number}`);
  }
  await delay(100);
  await ask('still');
  expect(dropped).toBeGreaterThanOrEqual(20);
  for (const socket of idle) socket.destroy();
  peer.close();
});
