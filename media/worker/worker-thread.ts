import { Worker } from 'node:worker_threads';
import { hasCode, SidetoneError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type {
  FromMediaWorker,
  MediaCommand,
  MediaCounters,
  MediaWorkerContract,
  MediaWorkerEvent,
  MediaWorkerSettings,
  ToMediaWorker,
} from './messages.ts';
import { createOutbox } from './outbox.ts';
import { RpcClient } from './rpc.ts';

const requestTimeoutMs = 5000;
/** Closing writes what is released: a slow disk may take its time. */
const shutdownTimeoutMs = 15_000;
/** Doubled with each start that fails, up to `maxRestartDelayMs`. */
const restartDelayMs = 200;
const maxRestartDelayMs = 10_000;
/** A thread that lived this long did not die of its start. */
const healthyMs = 30_000;

export interface WorkerThreadListener {
  event(event: MediaWorkerEvent): void;
  /** Totals of the present thread; they begin anew when it is restarted. */
  counters(counters: MediaCounters): void;
  /** The thread is gone with all its calls; another is being started. */
  lost(): void;
}

/** The main thread's end of one media worker, which it starts again when it dies. */
export class WorkerThread {
  readonly #settings: MediaWorkerSettings;
  readonly #listener: WorkerThreadListener;
  readonly #logger: Logger;
  #worker: Worker;
  #client: RpcClient<MediaWorkerContract>;
  #post: (message: ToMediaWorker) => void;
  #nextPort: number;
  #closing = false;
  #restart: NodeJS.Timeout | undefined;
  #startedMs = 0;
  /** Threads in a row that died young. */
  #failures = 0;

  constructor(settings: MediaWorkerSettings, listener: WorkerThreadListener, logger: Logger) {
    this.#settings = settings;
    this.#listener = listener;
    this.#logger = logger;
    this.#nextPort = settings.startAtPort;
    [this.#worker, this.#client, this.#post] = this.#start();
  }

  async open(args: MediaWorkerContract['open']['args']): Promise<MediaWorkerContract['open']['result']> {
    const ports = await this.#client.request('open', args);
    this.#nextPort = Math.max(ports.caller.rtpPort, ports.callee.rtpPort) + 2;
    return ports;
  }

  async addRtp(args: MediaWorkerContract['addRtp']['args']): Promise<MediaWorkerContract['addRtp']['result']> {
    const ports = await this.#client.request('addRtp', args);
    this.#nextPort = Math.max(this.#nextPort, ports.rtpPort + 2);
    return ports;
  }

  get requests(): RpcClient<MediaWorkerContract> {
    return this.#client;
  }

  command(command: MediaCommand): void {
    this.#post({ kind: 'command', ...command });
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restart);
    try {
      await this.#client.request('shutdown', null, shutdownTimeoutMs);
    } catch (thrown) {
      // It has just died: its successor is not needed any more.
      if (!hasCode(thrown, 'media-worker-lost')) throw thrown;
    } finally {
      this.#client.close(new SidetoneError('rpc-closed', 'media is closing'));
      await this.#worker.terminate();
    }
  }

  #start(): [Worker, RpcClient<MediaWorkerContract>, (message: ToMediaWorker) => void] {
    this.#startedMs = performance.now();
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { ...this.#settings, startAtPort: this.#nextPort } satisfies MediaWorkerSettings,
    });
    const post = createOutbox<ToMediaWorker>((messages) => worker.postMessage(messages, []));
    const client = new RpcClient<MediaWorkerContract>(post, requestTimeoutMs);
    worker.on('message', (messages: readonly FromMediaWorker[]) => {
      for (const message of messages) this.#receive(client, message);
    });
    worker.on('error', (err) => this.#logger.error({ err }, 'a media worker failed'));
    worker.on('exit', () => this.#exited(client));
    return [worker, client, post];
  }

  #receive(client: RpcClient<MediaWorkerContract>, message: FromMediaWorker): void {
    switch (message.kind) {
      case 'event':
        this.#listener.event(message.event);
        return;
      case 'counters':
        this.#listener.counters(message.counters);
        return;
      case 'result':
      case 'failure':
        client.receive(message);
        return;
      default:
        message satisfies never;
    }
  }

  #exited(client: RpcClient<MediaWorkerContract>): void {
    client.close(new SidetoneError('media-worker-lost', 'the media worker ended'));
    if (this.#closing) return;
    this.#listener.lost();
    this.#failures = performance.now() - this.#startedMs > healthyMs ? 1 : this.#failures + 1;
    this.#restart = setTimeout(
      () => {
        [this.#worker, this.#client, this.#post] = this.#start();
      },
      Math.min(maxRestartDelayMs, restartDelayMs * 2 ** (this.#failures - 1)),
    );
  }
}
