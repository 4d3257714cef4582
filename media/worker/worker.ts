import { parentPort, workerData } from 'node:worker_threads';
import { prepareOpus } from '../codecs/opus-decoder.ts';
import { MediaWorker } from './media-worker.ts';
import type { FromMediaWorker, MediaWorkerSettings, ToMediaWorker } from './messages.ts';
import { createOutbox } from './outbox.ts';
import { answer } from './rpc.ts';

/** The entry of a media worker thread. */
const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread');
const post = createOutbox<FromMediaWorker>((messages) => port.postMessage(messages));

const worker = new MediaWorker(
  workerData as MediaWorkerSettings,
  (event) => post({ kind: 'event', event }),
  (counters) => post({ kind: 'counters', counters }),
);
/** Before there is any call whose packets would wait for it. Where it fails, each stream of Opus says so by itself. */
prepareOpus().catch(() => undefined);
port.on('message', (messages: readonly ToMediaWorker[]) => {
  for (const message of messages) {
    if (message.kind === 'command') worker.command(message);
    else void answer(worker.handlers, message, post);
  }
});
