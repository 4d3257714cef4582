import { parentPort, workerData } from 'node:worker_threads';
import { redactRecording, removeRecording, sealRecording, sealUnfinished } from '../recording/seal.ts';
import type { FilesContract } from './messages.ts';
import { answer, type Handlers, type RpcRequest } from './rpc.ts';

/** The entry of the files thread: whatever reads whole recordings, away from SIP and RTP. One request at a time. */
const port = parentPort;
if (port === null) throw new Error('files-worker.ts runs as a worker thread');
const { dataDir } = workerData as { readonly dataDir: string };

const handlers: Handlers<FilesContract> = {
  seal: ({ path, silenced, unredacted, failure }) => sealRecording(dataDir, path, { silenced, unredacted, failure }),
  sealUnfinished: ({ path, failure }) => sealUnfinished(dataDir, path, failure),
  redact: ({ callId, silence }) => redactRecording(dataDir, callId, silence),
  remove: ({ callId }) => removeRecording(dataDir, callId),
};
let running: Promise<void> = Promise.resolve();
port.on('message', (request: RpcRequest) => {
  running = running.then(() => answer(handlers, request, (reply) => port.postMessage(reply)));
});
