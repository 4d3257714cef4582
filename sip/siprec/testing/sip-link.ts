import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { RawMessage } from '../../testing/raw-message.ts';

/** A way to one SIP server: text out, messages in. */
export interface SipLink {
  readonly transport: 'UDP' | 'TCP';
  readonly port: number;
  send(text: string | Buffer): void;
  onMessage(listener: (message: RawMessage) => void): void;
  /** Drops the connection without a word. */
  close(): Promise<void>;
}

export async function openLink(transport: 'udp' | 'tcp', serverPort: number): Promise<SipLink> {
  return transport === 'udp' ? openUdp(serverPort) : openTcp(serverPort);
}

async function openUdp(serverPort: number): Promise<SipLink> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', resolve);
  });
  let receive: (message: RawMessage) => void = () => undefined;
  socket.on('message', (data, remote) => receive(new RawMessage(data.toString('utf8'), remote)));
  return {
    transport: 'UDP',
    port: socket.address().port,
    send: (text) => socket.send(text, serverPort, '127.0.0.1'),
    onMessage: (listener) => {
      receive = listener;
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

async function openTcp(serverPort: number): Promise<SipLink> {
  const socket = connect(serverPort, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let receive: (message: RawMessage) => void = () => undefined;
  let waiting = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    waiting = Buffer.concat([waiting, data]);
    for (;;) {
      const end = waiting.indexOf('\r\n\r\n');
      const length = Number(
        /^Content-Length:\s*(\d+)/im.exec(waiting.toString('latin1', 0, Math.max(end, 0)))?.[1] ?? 0,
      );
      if (end < 0 || waiting.length < end + 4 + length) return;
      const text = waiting.toString('utf8', 0, end + 4 + length);
      waiting = waiting.subarray(end + 4 + length);
      receive(new RawMessage(text, { address: '127.0.0.1', port: serverPort }));
    }
  });
  socket.on('error', () => undefined);
  const port = socket.localPort ?? 0;
  return {
    transport: 'TCP',
    port,
    send: (text) => socket.write(text),
    onMessage: (listener) => {
      receive = listener;
    },
    close: () =>
      new Promise((resolve) => {
        if (socket.closed) resolve();
        socket.once('close', () => resolve());
        socket.destroy();
      }),
  };
}
