import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type fc from 'fast-check';
import { toError } from '#lib/errors.ts';
import { silentLogger } from '#lib/log.ts';
import { openBench, type Bench } from './bench.ts';
import { request } from './torture/case.ts';
import { mangled } from './fuzz/mangled.ts';
import { sipTexts } from './fuzz/sip-texts.ts';

const answerMs = 10_000;

/** Broken messages over UDP and TCP against a whole server: calls that are put through, copies, and what is refused. */
export class WireFuzz {
  /** What the server logged as its own fault; empty where all is well. */
  readonly mistakes: unknown[] = [];
  readonly inputs: fc.Arbitrary<string> = mangled(sipTexts);
  readonly #bench: Bench;
  readonly #socket: Socket;
  #batches = 0;

  private constructor(bench: Bench, socket: Socket, mistakes: unknown[]) {
    this.#bench = bench;
    this.#socket = socket;
    this.mistakes = mistakes;
  }

  static async start(): Promise<WireFuzz> {
    const mistakes: unknown[] = [];
    const logger = silentLogger.child({});
    logger.error = (fields: unknown) => void mistakes.push(fields);
    const bench = await openBench({ sip: { firstResponseTimeoutS: 0.05, ringTimeoutS: 0.1 } }, { t1Ms: 10, logger });
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new WireFuzz(bench, socket, mistakes);
  }

  /** Sends them, the last of them over TCP in one stream, and asks whether the server is still there. @throws when it is not */
  async batch(texts: readonly string[]): Promise<void> {
    const { port } = this.#bench;
    const streamed = texts.slice(Math.floor(texts.length * 0.9));
    for (const text of texts.slice(0, texts.length - streamed.length)) {
      await new Promise((sent) => this.#socket.send(text, port, '127.0.0.1', sent));
    }
    await this.#stream(streamed);
    await this.#ping();
    this.#bench.events.length = 0;
    this.#bench.callee.log.length = 0;
    this.#bench.media.calls.splice(0, this.#bench.media.calls.findLastIndex(({ closed }) => closed) + 1 - 64);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#bench.close();
  }

  async #stream(texts: readonly string[]): Promise<void> {
    const port = this.#bench.server.bindings.find(({ transport }) => transport === 'tcp')?.port ?? 0;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    await once(socket, 'connect');
    socket.end(texts.join(''));
    await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, 50))]);
    socket.destroy();
  }

  async #ping(): Promise<void> {
    const { port } = this.#bench;
    const mark = `ping${++this.#batches}p`;
    const answered = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(toError('the server does not answer')), answerMs);
      const hear = (bytes: Buffer): void => {
        const text = bytes.toString('latin1');
        if (!text.startsWith('SIP/2.0 200') || !text.includes(mark)) return;
        clearTimeout(timer);
        this.#socket.off('message', hear);
        resolve();
      };
      this.#socket.on('message', hear);
    });
    this.#socket.send(
      request({ transport: 'UDP', port: this.#socket.address().port, serverPort: port, mark }),
      port,
      '127.0.0.1',
    );
    await answered;
  }
}
