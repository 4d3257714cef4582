import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { once } from '#lib/closing.ts';
import type { LocalAddresses } from '#lib/local-address.ts';
import type { Flow, Hop, TransportEvents } from './flow.ts';

const receiveBufferBytes = 4 * 1024 * 1024;
const maxFlows = 4096;

class UdpFlow implements Flow {
  readonly transport = 'udp';
  readonly alive = true;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly #socket: Socket;
  readonly #events: TransportEvents;

  constructor(socket: Socket, remote: Hop, local: { address: string; port: number }, events: TransportEvents) {
    this.#socket = socket;
    this.#events = events;
    this.remoteAddress = remote.address;
    this.remotePort = remote.port;
    this.localAddress = local.address;
    this.localPort = local.port;
  }

  send(bytes: Buffer, failed?: () => void): void {
    this.#events.sent(bytes, this);
    try {
      this.#socket.send(bytes, this.remotePort, this.remoteAddress, (error) => {
        if (error === null) return;
        this.#events.count('send-failed', 'udp');
        failed?.();
      });
    } catch {
      // The socket was closed in the meantime, or the address is none that it can send to.
      this.#events.count('send-failed', 'udp');
      if (failed !== undefined) setImmediate(failed);
    }
  }

  doubt(): void {
    // There is no connection to be half open.
  }

  onClose(): () => void {
    return () => undefined;
  }
}

/** The one UDP socket. A datagram is a message; empty ones and keepalives of line ends are counted and dropped. */
export class UdpTransport {
  readonly #socket: Socket;
  readonly #events: TransportEvents;
  readonly #addresses: LocalAddresses;
  readonly #flows = new Map<string, UdpFlow>();
  readonly close = once(() => new Promise<void>((resolve) => this.#socket.close(() => resolve())));

  private constructor(socket: Socket, events: TransportEvents, addresses: LocalAddresses) {
    this.#socket = socket;
    this.#events = events;
    this.#addresses = addresses;
    socket.on('error', () => events.count('receive-failed', 'udp'));
    socket.on('message', (bytes, remote) => {
      if (isKeepalive(bytes)) events.count('keepalive', 'udp');
      else this.#receive(bytes, { transport: 'udp', address: remote.address, port: remote.port });
    });
  }

  /** @throws what binding throws: EADDRINUSE, EADDRNOTAVAIL ... */
  static bind(host: string, port: number, events: TransportEvents, addresses: LocalAddresses): Promise<UdpTransport> {
    const v6 = isIP(host) === 6;
    const socket = createSocket({
      type: v6 ? 'udp6' : 'udp4',
      recvBufferSize: receiveBufferBytes,
      // Only literals are sent to: without this every send would go through the resolver's queue.
      lookup: (address, _options, callback) => callback(null, address, v6 ? 6 : 4),
    });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, host, () => {
        socket.off('error', reject);
        resolve(new UdpTransport(socket, events, addresses));
      });
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** The flow to a peer, when the address that it reaches us at is known; else learn that first. */
  flowTo(hop: Hop): Flow | undefined {
    const key = `${hop.address} ${hop.port}`;
    const local = this.#addresses.known(hop.address);
    if (local === undefined) return undefined;
    const made = this.#flows.get(key);
    if (made?.localAddress === local) return made;
    if (this.#flows.size >= maxFlows) this.#flows.clear();
    const flow = new UdpFlow(this.#socket, hop, { address: local, port: this.port }, this.#events);
    this.#flows.set(key, flow);
    return flow;
  }

  #receive(bytes: Buffer, from: Hop): void {
    const flow = this.flowTo(from);
    if (flow !== undefined) this.#events.message(bytes, flow);
    else void this.#addresses.learn(from.address).then(() => this.#receive(bytes, from));
  }
}

/** RFC 5626 section 3.5.1 and what phones send to hold a NAT binding: nothing but line ends and zeros. */
function isKeepalive(bytes: Buffer): boolean {
  if (bytes.length > 8) return false;
  for (const byte of bytes) if (byte !== 0x0d && byte !== 0x0a && byte !== 0) return false;
  return bytes.length > 0;
}
