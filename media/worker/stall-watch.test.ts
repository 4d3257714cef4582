import { createSocket } from 'node:dgram';
import { once } from 'node:events';
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
  const told: { readonly heldUpMs: number; readonly received: number }[] = [];
  const caughtUp = new Promise<void>((resolve) => {
    const stalls = new StallWatch((heldUpMs) => {
      told.push({ heldUpMs, received });
      if (heldUpMs === 0) resolve();
    });
    socket.on('message', () => {
      received++;
      stalls.alive(performance.now());
    });
    /** The timer is due when the stall ends, and timers run before sockets are read. */
    setTimeout(() => stalls.alive(performance.now()), 4);
    worker.postMessage('send', []);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  });
  await caughtUp;
  socket.close();
  await worker.terminate();
  expect(told[0]?.received).toBe(0);
  expect(told[0]?.heldUpMs).toBeGreaterThanOrEqual(700);
  expect(told.at(-1)).toEqual({ heldUpMs: 0, received: packets });
});
