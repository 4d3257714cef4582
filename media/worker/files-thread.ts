import { Worker } from 'node:worker_threads';
import { once } from '#lib/closing.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { FilesContract } from './messages.ts';
import { RpcClient, type RpcReply } from './rpc.ts';

/** An hour of sound is read and hashed in well under a second; many may wait in line. */
const requestTimeoutMs = 120_000;

/** The main thread's end of the files thread. Started when first needed, and again after it has died. */
export class FilesThread {
  readonly #dataDir: string;
  readonly #logger: Logger;
  #worker: Worker | undefined;
  #client: RpcClient<FilesContract> | undefined;
  readonly close: () => Promise<void>;

  constructor(dataDir: string, logger: Logger) {
    this.#dataDir = dataDir;
    this.#logger = logger;
    this.close = once(async () => {
      this.#client?.close(new SidetoneError('rpc-closed', 'media is closing'));
      await this.#worker?.terminate();
    });
  }

  get requests(): RpcClient<FilesContract> {
    return this.#client ?? this.#start();
  }

  #start(): RpcClient<FilesContract> {
    const worker = new Worker(new URL('./files-worker.ts', import.meta.url), {
      workerData: { dataDir: this.#dataDir },
    });
    const client = new RpcClient<FilesContract>((request) => worker.postMessage(request, []), requestTimeoutMs);
    worker.unref();
    worker.on('message', (reply: RpcReply) => client.receive(reply));
    worker.on('error', (err) => this.#logger.error({ err }, 'the recording files thread failed'));
    worker.on('exit', () => {
      client.close(new SidetoneError('media-worker-lost', 'the recording files thread ended'));
      if (this.#client === client) this.#client = undefined;
    });
    this.#worker = worker;
    this.#client = client;
    return client;
  }
}
