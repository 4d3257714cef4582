import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { StreamFramer } from '../message/stream.ts';
import type { ReceivedRequest, ReceivedResponse } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';

/** A phone made of a bare socket: what a test says is what is on the wire, and nothing is answered by itself. */
export interface Peer {
  readonly port: number;
  /** Everything that has come, oldest first. */
  readonly heard: (ReceivedRequest | ReceivedResponse)[];
  send(text: string | Buffer): void;
  /** The next request of this method, or response of this status, not handed out before. */
  request(method: string): Promise<ReceivedRequest>;
  response(status: number): Promise<ReceivedResponse>;
  /** How many of these have come in all. */
  count(what: string | number): number;
  close(): void;
}

type Message = ReceivedRequest | ReceivedResponse;

class Inbox {
  readonly heard: Message[] = [];
  readonly #unread: Message[] = [];
  readonly #waiting: { readonly fits: (message: Message) => boolean; readonly take: (message: Message) => void }[] = [];

  push(bytes: Buffer): void {
    const message = parseMessage(bytes);
    if (message.kind === 'bad') throw new Error(`the engine sent what cannot be parsed: ${message.why}`);
    this.heard.push(message);
    const at = this.#waiting.findIndex((each) => each.fits(message));
    if (at === -1) this.#unread.push(message);
    else this.#waiting.splice(at, 1)[0]?.take(message);
  }

  next(what: string, fits: (message: Message) => boolean): Promise<Message> {
    const at = this.#unread.findIndex(fits);
    const [ready] = at === -1 ? [] : this.#unread.splice(at, 1);
    if (ready !== undefined) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${what} came`)), 5000);
      const take = (message: Message): void => {
        clearTimeout(timer);
        resolve(message);
      };
      this.#waiting.push({ fits, take });
    });
  }
}

function peerOf(inbox: Inbox, port: number, send: (bytes: Buffer) => void, close: () => void): Peer {
  return {
    port,
    heard: inbox.heard,
    send: (text) => send(typeof text === 'string' ? Buffer.from(text) : text),
    request: async (method) => {
      const found = await inbox.next(method, (message) => message.kind === 'request' && message.method === method);
      return found as ReceivedRequest;
    },
    response: async (status) => {
      const found = await inbox.next(String(status), (message) => {
        return message.kind === 'response' && message.status === status;
      });
      return found as ReceivedResponse;
    },
    count: (what) =>
      inbox.heard.filter((message) => (message.kind === 'request' ? message.method : message.status) === what).length,
    close,
  };
}

export async function udpPeer(enginePort: number, address = '127.0.0.1', port = 0): Promise<Peer> {
  const socket: UdpSocket = createSocket('udp4');
  const inbox = new Inbox();
  socket.on('message', (bytes) => inbox.push(bytes));
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  return peerOf(
    inbox,
    socket.address().port,
    (bytes) => socket.send(bytes, enginePort, address),
    () => socket.close(),
  );
}

export interface TcpPeer extends Peer {
  /** Bytes that were no part of a message. */
  readonly pongs: () => number;
  readonly closed: Promise<void>;
}

export async function tcpPeer(enginePort: number): Promise<TcpPeer> {
  const socket = connect(enginePort, '127.0.0.1');
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return tcpPeerOf(socket, socket.localPort ?? 0);
}

/** A peer that waits for the engine to connect. */
export async function tcpListener(): Promise<{
  readonly port: number;
  accepted(): Promise<TcpPeer>;
  readonly server: Server;
}> {
  const server = createServer();
  const sockets: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  server.on('connection', (socket) => {
    const take = waiting.shift();
    if (take === undefined) sockets.push(socket);
    else take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    port,
    server,
    accepted: async () => {
      const ready = sockets.shift();
      const socket = ready ?? (await new Promise<Socket>((resolve) => waiting.push(resolve)));
      return tcpPeerOf(socket, port);
    },
  };
}

function tcpPeerOf(socket: Socket, port: number): TcpPeer {
  const inbox = new Inbox();
  const framer = new StreamFramer();
  let pongs = 0;
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    if (chunk.equals(Buffer.from('\r\n'))) pongs += 1;
    for (const part of framer.push(chunk) ?? []) if (part.kind === 'message') inbox.push(part.bytes);
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    ...peerOf(
      inbox,
      port,
      (bytes) => socket.write(bytes),
      () => socket.destroy(),
    ),
    pongs: () => pongs,
    closed,
  };
}
