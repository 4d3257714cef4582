import { Worker } from 'node:worker_threads';
import { once } from '#lib/closing.ts';
import { hasCode, SidetoneError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import { RpcClient, type RpcReply } from '../../worker/rpc.ts';
import { AudioFileFault } from './fault.ts';
import type { SoundContract, Survey } from './sound-contract.ts';

const requestTimeoutMs = 60_000;
/** Ten hours of sound are decoded in a few minutes. */
const surveyTimeoutMs = 1_800_000;

export interface SoundReader {
  /** At 8 kHz, an array a channel, some second of it; null at the end. */
  next(): Promise<Int16Array<ArrayBuffer>[] | null>;
  close(): Promise<void>;
}

/** The main thread's end of the thread that reads files of sound. Started when first needed, and again after it has died. */
export class SoundThread {
  readonly #logger: Logger;
  #worker: Worker | undefined;
  #client: RpcClient<SoundContract> | undefined;
  #readers = 0;
  readonly close: () => Promise<void>;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.close = once(async () => {
      this.#client?.close(new SidetoneError('rpc-closed', 'files are no longer read'));
      await this.#worker?.terminate();
    });
  }

  hash(path: string): Promise<string> {
    return this.#request('hash', { path }, surveyTimeoutMs);
  }

  /** @throws AudioFileFault */
  async survey(path: string): Promise<Extract<Survey, { readonly sound: true }>> {
    const survey = await this.#request('survey', { path }, surveyTimeoutMs);
    if (!survey.sound) throw new AudioFileFault(survey.what, survey.offsetBytes, survey.atMs);
    return survey;
  }

  /** @throws SidetoneError `unsupported-audio` */
  async open(path: string): Promise<SoundReader> {
    const reader = ++this.#readers;
    await this.#request('open', { reader, path });
    return {
      next: () => this.#request('next', { reader }),
      close: once(() => this.#request('close', { reader })),
    };
  }

  async #request<Operation extends keyof SoundContract>(
    operation: Operation,
    args: SoundContract[Operation]['args'],
    timeoutMs = requestTimeoutMs,
  ): Promise<SoundContract[Operation]['result']> {
    try {
      return await (this.#client ?? this.#start()).request(operation, args, timeoutMs);
    } catch (thrown) {
      // A decoder that hangs takes the whole thread with it.
      if (hasCode(thrown, 'rpc-timeout')) await this.#worker?.terminate();
      throw thrown;
    }
  }

  #start(): RpcClient<SoundContract> {
    const worker = new Worker(new URL('./sound-worker.ts', import.meta.url));
    const client = new RpcClient<SoundContract>((request) => worker.postMessage(request, []), requestTimeoutMs);
    worker.unref();
    worker.on('message', (reply: RpcReply) => client.receive(reply));
    worker.on('error', (err) => this.#logger.error({ err }, 'the thread that reads files of sound failed'));
    worker.on('exit', () => {
      client.close(new SidetoneError('media-worker-lost', 'the thread that reads files of sound ended'));
      if (this.#client === client) this.#client = undefined;
    });
    this.#worker = worker;
    this.#client = client;
    return client;
  }
}
