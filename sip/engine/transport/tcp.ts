import { connect, createServer, type Server, type Socket } from 'node:net';
import { plainAddress } from '#lib/addresses.ts';
import { once } from '#lib/closing.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { LocalAddresses } from '#lib/local-address.ts';
import type { Hop, TransportEvents } from './flow.ts';
import { TcpConnection } from './tcp-connection.ts';

export const maxConnections = 1024;
/** Shorter than what a route waits for a first response (4 s), so that the next address still has its turn. */
const connectTimeoutMs = 3000;

/** The listening TCP socket and every connection; one to a peer is used again for whatever goes there. */
export class TcpTransport {
  readonly #server: Server;
  readonly #events: TransportEvents;
  readonly #addresses: LocalAddresses;
  readonly #connections = new Map<string, TcpConnection>();
  readonly #connecting = new Map<string, Promise<TcpConnection>>();
  readonly #opening = new Set<Socket>();
  readonly close = once(async () => {
    for (const socket of this.#opening) socket.destroy();
    for (const connection of this.#connections.values()) connection.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  });

  private constructor(server: Server, events: TransportEvents, addresses: LocalAddresses) {
    this.#server = server;
    this.#events = events;
    this.#addresses = addresses;
    server.on('error', () => events.count('receive-failed', 'tcp'));
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** @throws what listening throws: EADDRINUSE, EADDRNOTAVAIL ... */
  static listen(host: string, port: number, events: TransportEvents, addresses: LocalAddresses): Promise<TcpTransport> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve(new TcpTransport(server, events, addresses));
      });
    });
  }

  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** The open connection to exactly this address and port, if there is one. */
  existing(hop: Hop): TcpConnection | undefined {
    const connection = this.#connections.get(keyOf(hop.address, hop.port));
    return connection?.alive === true ? connection : undefined;
  }

  /** @throws SidetoneError `sip-unreachable` when it cannot be opened within 3 s. */
  connect(hop: Hop): Promise<TcpConnection> {
    const key = keyOf(hop.address, hop.port);
    const running = this.#connecting.get(key);
    if (running !== undefined) return running;
    const opening = this.#open(hop).finally(() => this.#connecting.delete(key));
    this.#connecting.set(key, opening);
    return opening;
  }

  async #open(hop: Hop): Promise<TcpConnection> {
    const local = await this.#addresses.learn(hop.address);
    const socket = connect({ host: hop.address, port: hop.port });
    this.#opening.add(socket);
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (): void => reject(new SidetoneError('sip-unreachable', 'no TCP connection to the next hop'));
        socket.setTimeout(connectTimeoutMs, () => socket.destroy());
        socket.once('connect', resolve);
        socket.once('error', fail);
        socket.once('close', fail);
      });
    } finally {
      this.#opening.delete(socket);
    }
    socket.setTimeout(0);
    return this.#add(socket, local);
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= maxConnections) this.#dropIdlest();
    const peer = plainAddress(socket.remoteAddress ?? '');
    // Nothing is read before the address is known: it goes into the first answer.
    socket.pause();
    socket.on('error', () => socket.destroy());
    void this.#welcome(socket, peer);
  }

  async #welcome(socket: Socket, peer: string): Promise<void> {
    const local = await this.#addresses.learn(peer);
    if (socket.destroyed) return;
    this.#add(socket, local);
    socket.resume();
  }

  #add(socket: Socket, localAddress: string): TcpConnection {
    const connection = new TcpConnection(socket, this.#events, { address: localAddress, port: this.port });
    const key = keyOf(connection.remoteAddress, connection.remotePort);
    this.#connections.set(key, connection);
    connection.onClose(() => {
      if (this.#connections.get(key) === connection) this.#connections.delete(key);
    });
    return connection;
  }

  #dropIdlest(): void {
    this.#events.count('connection-refused', 'tcp');
    let idlest: TcpConnection | undefined;
    for (const each of this.#connections.values()) {
      if (idlest === undefined || each.lastUseMs < idlest.lastUseMs) idlest = each;
    }
    idlest?.destroy();
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}
