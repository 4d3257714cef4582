import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { StallWatch } from './stall-watch.ts';

const sender = `
  const { workerData, parentPort } = require('node:worker_threads');
  const socket = require('node:dgram').createSocket('udp4');
  let left = workerData.packets;
  const next = () => (left-- > 0 ? socket.send('x', workerData.port, '127.0.0.1', next) : socket.close());
  parentPort.once('message', next);
  parentPort.postMessage('ready');
`;

test('what came while the thread was held up is read before it counts as caught up', async () => {
  const packets = 60;
  let received = 0;
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const worker = new Worker(sender, { eval: true, workerData: { port: socket.address().port, packets } });
  await once(worker, 'message');
  const stalls = new StallWatch();
  socket.on('message', () => {
    received++;
    stalls.alive(performance.now());
  });
  const due = new Promise<{ readonly heldUpMs: number; readonly received: number }>((resolve) => {
    /** Due when the stall ends, and timers run before sockets are read. */
    setTimeout(() => {
      stalls.alive(performance.now());
      resolve({ heldUpMs: stalls.heldUpMs, received });
    }, 4);
  });
  worker.postMessage('send', []);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  const atOnce = await due;
  while (stalls.heldUpMs > 0) await setImmediate();
  socket.close();
  await worker.terminate();
  expect(atOnce.received).toBe(0);
  expect(atOnce.heldUpMs).toBeGreaterThanOrEqual(700);
  expect(received).toBe(packets);
});
