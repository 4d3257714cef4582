import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { once } from '#lib/closing.ts';
import { newId } from '#lib/ids.ts';
import type { StreamSender } from '../../types.ts';
import { Refused, type StreamOrigin } from '../refusals.ts';
import { readAddress, type StreamAddress } from './address.ts';
import { isJsonMedia } from './json-messages.ts';
import { JsonMediaSession } from './json-media.ts';
import { Linear16Session, type StreamSession } from './linear16.ts';
import { closeSocket, WebSocketMember, type WebSocketContext } from './member.ts';

/** What mod_audio_fork, jambonz and Asterisk's chan_websocket ask for. */
const subprotocols: readonly string[] = ['audio.drachtio.org', 'audio.jambonz.org', 'media'];
/** A second of two channels at 96 kHz; senders send 20 ms. */
const mostMessageBytes = 512 * 1024;
const firstMessageMs = 10_000;
const pingEveryMs = 15_000;
/** RFC 6455: these say that the sender is done; without a code (1005) too. Codes from 3000 are applications' own. */
const endedCodes: readonly number[] = [1000, 1001, 1005];

interface Open {
  readonly socket: WebSocket;
  /** Something has come since the last ping. */
  alive: boolean;
}

/** WebSockets that carry sound: the handshake, which session speaks, liveness. The one place that knows `ws`. */
export class StreamDoor {
  readonly #context: WebSocketContext;
  readonly #maxSockets: number;
  readonly #server: WebSocketServer;
  readonly #open = new Set<Open>();
  #pings: NodeJS.Timeout | undefined;
  readonly close: () => Promise<void>;

  constructor(context: WebSocketContext, maxSockets: number) {
    this.#context = context;
    this.#maxSockets = maxSockets;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: mostMessageBytes,
      perMessageDeflate: false,
      handleProtocols: (asked: Set<string>) => subprotocols.find((each) => asked.has(each)) ?? false,
    });
    this.close = once(async () => {
      clearInterval(this.#pings);
      const gone = [...this.#open].map(
        ({ socket }) =>
          new Promise<void>((resolve) => {
            socket.once('close', () => resolve());
            closeSocket(socket, 1001, 'server-shutdown');
          }),
      );
      await Promise.all(gone);
    });
  }

  /** The sender has been let in. Never throws; the socket is ours from here on. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, sender: StreamSender): void {
    const port = request.socket.remotePort ?? 0;
    const ip = sender.address.includes(':') ? `[${sender.address}]` : sender.address;
    const origin: StreamOrigin = { source: 'websocket', sourceName: sender.name, address: `${ip}:${port}` };
    try {
      this.#server.handleUpgrade(request, socket, head, (opened) => this.#opened(opened, request.url ?? '', origin));
    } catch {
      socket.destroy();
    }
  }

  #opened(socket: WebSocket, url: string, origin: StreamOrigin): void {
    const { metrics } = this.#context;
    const member = new WebSocketMember(socket, origin, this.#context);
    let address: StreamAddress | undefined;
    let session: StreamSession | undefined;
    member.attempt(() => {
      if (this.#open.size >= this.#maxSockets) throw new Refused('too-many-sockets');
      address = readAddress(url);
    });
    const open: Open = { socket, alive: true };
    this.#open.add(open);
    metrics.opened('websocket');
    this.#pings ??= setInterval(() => this.#ping(), pingEveryMs);
    const waiting = setTimeout(() => member.refuse(new Refused('start-missing')), firstMessageMs);
    socket.on('message', (data, isBinary) => {
      open.alive = true;
      if (member.isOver || address === undefined) return;
      const bytes = data as Buffer;
      session ??= createSession(member, address, isBinary ? undefined : bytes.toString('utf8'));
      if (isBinary) session.binary(bytes);
      else session.text(bytes.toString('utf8'));
      if (member.isSeated) clearTimeout(waiting);
    });
    socket.on('pong', () => (open.alive = true));
    socket.on('error', () => metrics.malformed('websocket'));
    socket.on('close', (code) => {
      clearTimeout(waiting);
      session?.flush();
      member.leave(endedCodes.includes(code) || code >= 3000 ? 'sender-ended' : 'sender-lost');
      this.#open.delete(open);
      metrics.closed('websocket');
      if (this.#open.size > 0) return;
      clearInterval(this.#pings);
      this.#pings = undefined;
    });
  }

  #ping(): void {
    for (const open of this.#open) {
      if (!open.alive) {
        open.socket.terminate();
        continue;
      }
      open.alive = false;
      open.socket.ping();
    }
  }
}

/** `first`: its first message, where that is text. What the address does not say, that shows. */
function createSession(member: WebSocketMember, address: StreamAddress, first: string | undefined): StreamSession {
  const shown = first !== undefined && isJsonMedia(first) ? 'twilio' : 'linear16';
  const alone = `alone ${newId()}`;
  return (address.format ?? shown) === 'twilio'
    ? new JsonMediaSession(member, address, alone)
    : new Linear16Session(member, address, alone);
}
