import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { HostResolver } from '#lib/host-resolver.ts';

export interface NgSocketOptions {
  readonly host: string;
  readonly port: number;
  readonly resolver: HostResolver;
  readonly onMessage: (datagram: Buffer) => void;
}

/** The way to one rtpengine, opened when something is to be sent: a UDP socket that hears nobody else. */
export class NgSocket {
  readonly #options: NgSocketOptions;
  #peerAddress: string;
  #socket: Socket | undefined;
  #opening: Promise<Socket | undefined> | undefined;
  #isClosed = false;

  constructor(options: NgSocketOptions) {
    this.#options = options;
    this.#peerAddress = options.host;
  }

  /** The IP that it was last reached at; its name before that. */
  get peerAddress(): string {
    return this.#peerAddress;
  }

  send(datagram: Buffer): void {
    // An error is that of a packet before (ICMP), and whoever asks sends again anyway.
    const send = (socket: Socket | undefined): void => socket?.send(datagram, () => undefined);
    if (this.#socket !== undefined) send(this.#socket);
    else void this.#open().then(send);
  }

  /** Its address may have changed: the name is looked up anew before the next datagram. */
  forget(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.forget();
  }

  #open(): Promise<Socket | undefined> {
    this.#opening ??= this.#connect().then((socket) => {
      this.#opening = undefined;
      if (this.#isClosed) socket?.close();
      else this.#socket = socket;
      return this.#socket;
    });
    return this.#opening;
  }

  /** Undefined: its name has no address just now, or there is no way to it. */
  async #connect(): Promise<Socket | undefined> {
    const { host, port, resolver, onMessage } = this.#options;
    const [address] = await resolver.resolve(host).catch(() => []);
    if (address === undefined) return undefined;
    this.#peerAddress = address;
    const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
    socket.on('message', onMessage);
    return new Promise((resolve) => {
      let isConnected = false;
      socket.on('error', () => {
        // Once connected, it tells of a packet that nobody took (ICMP), and goes on.
        if (!isConnected) socket.close();
        resolve(undefined);
      });
      socket.connect(port, address, () => {
        isConnected = true;
        resolve(socket);
      });
    });
  }
}
