import { createConnection, type Socket } from 'node:net';

/** Unsent bytes past which a connection takes no more until it has drained. */
const congestionBytes = 1 << 20;

/**
 * One Unix socket to a recogniser process, shared by the calls of this worker. What is sent in one turn of the loop
 * leaves together. A connection that fails is gone: whoever used it waits to be attached anew.
 */
export class FeedConnection {
  readonly #socket: Socket;
  #corked = false;
  #closed = false;

  constructor(path: string, listeners: { drained: () => void; closed: () => void }) {
    this.#socket = createConnection(path);
    this.#socket.unref();
    this.#socket.on('drain', listeners.drained);
    /** 'close' follows, and is what counts. */
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.#closed = true;
      listeners.closed();
    });
    this.#socket.resume();
  }

  get closed(): boolean {
    return this.#closed;
  }
  get congested(): boolean {
    return this.#socket.writableLength > congestionBytes;
  }

  send(frame: Buffer): void {
    if (this.#closed) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(frame);
  }

  /** Sends what is waiting, then closes. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
