import type { Socket } from 'node:net';
import { plainAddress } from '#lib/addresses.ts';
import { StreamFramer } from '../message/stream.ts';
import type { Flow, TransportEvents } from './flow.ts';

/** A peer that has begun a message and not ended it within this time is let go. */
const halfMessageMs = 32_000;
/** A peer that does not read: more than this unsent and the connection is closed. */
const maxUnsentBytes = 1024 * 1024;

/** One TCP connection, whoever opened it. */
export class TcpConnection implements Flow {
  readonly transport = 'tcp';
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly #socket: Socket;
  readonly #events: TransportEvents;
  readonly #framer = new StreamFramer();
  readonly #listeners = new Set<() => void>();
  /** Of the last byte that came or went; ms of the monotonic clock. */
  lastUseMs = performance.now();
  #lastHeardMs = performance.now();
  #halfMessage: NodeJS.Timeout | undefined;

  constructor(socket: Socket, events: TransportEvents, local: { address: string; port: number }) {
    this.#socket = socket;
    this.#events = events;
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '');
    this.remotePort = socket.remotePort ?? 0;
    this.localAddress = local.address;
    this.localPort = local.port;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#gone());
  }

  get alive(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  send(bytes: Buffer, failed?: () => void): void {
    this.lastUseMs = performance.now();
    if (!this.alive || this.#socket.writableLength > maxUnsentBytes) {
      this.#events.count('send-failed', 'tcp');
      this.destroy();
      if (failed !== undefined) setImmediate(failed);
      return;
    }
    this.#events.sent(bytes, this);
    this.#socket.write(bytes, (error) => {
      if (error === null || error === undefined) return;
      this.#events.count('send-failed', 'tcp');
      failed?.();
    });
  }

  onClose(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The kernel would go on sending for a quarter of an hour to a peer that lost the connection without a word. */
  doubt(silentMs: number): void {
    if (performance.now() - this.#lastHeardMs >= silentMs) this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.lastUseMs = performance.now();
    this.#lastHeardMs = this.lastUseMs;
    const parts = this.#framer.push(chunk);
    if (parts === undefined) {
      this.#events.count('unframeable', 'tcp');
      this.destroy();
      return;
    }
    if (parts.length > 0 || !this.#framer.midMessage) {
      clearTimeout(this.#halfMessage);
      this.#halfMessage = undefined;
    }
    if (this.#framer.midMessage) this.#halfMessage ??= setTimeout(() => this.destroy(), halfMessageMs).unref();
    for (const part of parts) {
      if (part.kind === 'message') this.#events.message(part.bytes, this);
      else {
        this.#events.count('keepalive', 'tcp');
        if (this.alive) this.#socket.write('\r\n');
      }
    }
  }

  #gone(): void {
    clearTimeout(this.#halfMessage);
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
