import { createServer, type Server, type Socket } from 'node:net';
import { addressMatcher, isLoopback, plainAddress } from '#lib/addresses.ts';
import { once } from '#lib/closing.ts';
import type { Config } from '#lib/config/schema.ts';
import { isOfThisMachine } from '#lib/this-machine.ts';
import { Refused, type StreamOrigin } from '../refusals.ts';
import { AudioSocketConnection, type ConnectionContext } from './connection.ts';

const tickMs = 20;

/** Whose call it is to the administrator; undefined: it may not connect. As SIP: trunks, what is allowed, else this machine. */
export function createSenders(config: Config): (address: string) => string | undefined {
  const trunks = config.trunks.map(({ name, match }) => ({ name, matches: addressMatcher(match) }));
  const allowed = addressMatcher([...config.audiosocket.allow, ...config.sip.allow]);
  const namesNobody =
    config.audiosocket.allow.length + config.sip.allow.length === 0 &&
    config.trunks.every(({ match }) => match.length === 0);
  const open = namesNobody && isLoopback(config.audiosocket.host);
  return (address) => {
    const trunk = trunks.find(({ matches }) => matches(address));
    if (trunk !== undefined) return trunk.name;
    return allowed(address) || (open && isOfThisMachine(address)) ? address : undefined;
  };
}

/** The port that Asterisk's AudioSocket connects to: admission, bounds and the clock of silence. */
export class AudioSocketListener {
  readonly #context: ConnectionContext;
  readonly #senders: (address: string) => string | undefined;
  readonly #maxSockets: number;
  readonly #server: Server;
  readonly #connections = new Map<Socket, AudioSocketConnection>();
  #ticker: NodeJS.Timeout | undefined;
  readonly close: () => Promise<void>;

  private constructor(config: Config, context: ConnectionContext) {
    this.#context = context;
    this.#senders = createSenders(config);
    this.#maxSockets = config.audiosocket.maxSockets;
    this.#server = createServer({ allowHalfOpen: false }, (socket) => this.#accept(socket));
    this.close = once(async () => {
      const closed = new Promise<void>((resolve) => {
        this.#server.close(() => resolve());
      });
      for (const connection of this.#connections.values()) connection.dismiss();
      await closed;
    });
  }

  /** @throws Node's own error when the address cannot be bound */
  static async open(config: Config, port: number, context: ConnectionContext): Promise<AudioSocketListener> {
    const listener = new AudioSocketListener(config, context);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject);
      listener.#server.listen(port, config.audiosocket.host, resolve);
    });
    return listener;
  }

  get binding(): { readonly address: string; readonly port: number } {
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('not listening');
    return { address: bound.address, port: bound.port };
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    // Gone again before we looked.
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    const ip = plainAddress(remoteAddress);
    const sourceName = this.#senders(ip);
    const address = ip.includes(':') ? `[${ip}]:${remotePort}` : `${ip}:${remotePort}`;
    const origin: StreamOrigin = { source: 'audiosocket', sourceName: sourceName ?? ip, address };
    if (sourceName === undefined || this.#connections.size >= this.#maxSockets) {
      const reason = sourceName === undefined ? 'source-not-allowed' : 'too-many-sockets';
      this.#context.refusals.refuse(origin, new Refused(reason));
      socket.destroy();
      return;
    }
    this.#connections.set(socket, new AudioSocketConnection(socket, origin, this.#context));
    this.#context.metrics.opened('audiosocket');
    this.#ticker ??= setInterval(() => this.#tick(), tickMs);
    socket.on('close', () => {
      this.#connections.delete(socket);
      this.#context.metrics.closed('audiosocket');
      if (this.#connections.size > 0) return;
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    });
  }

  #tick(): void {
    const nowMs = this.#context.clock.nowMs();
    for (const connection of this.#connections.values()) connection.tick(nowMs);
  }
}
