import type { Response } from 'express';

const heartbeatMs = 15_000;
/** A watcher that reads this much slower than calls are spoken is let go; it comes back by Last-Event-ID. */
const maxBacklogBytes = 1 << 20;

/** Server-sent events over one response (WHATWG HTML section 9.2). Closed by either end; `closed` resolves then. */
export class EventStream {
  readonly closed: Promise<void>;
  readonly #response: Response;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(response: Response) {
    this.#response = response;
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
      Connection: 'keep-alive',
    });
    response.write('retry: 1000\n\n');
    this.#heartbeat = setInterval(() => this.#write(': still here\n\n'), heartbeatMs);
    this.#heartbeat.unref();
    this.closed = new Promise((resolve) => {
      const over = (): void => {
        clearInterval(this.#heartbeat);
        resolve();
      };
      // Whoever left while the row was being written has left already: no event says so again.
      if (response.destroyed || response.closed) over();
      else response.once('close', over);
    });
  }

  send(event: string, data: unknown, id?: string): void {
    // JSON has no raw line break, so one data line is enough.
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.#response.end();
  }

  /** For one who does not read: an end would wait for them. */
  destroy(): void {
    this.#response.destroy();
  }

  #write(text: string): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#response.writableLength > maxBacklogBytes) this.#response.destroy();
    else this.#response.write(text);
  }
}
