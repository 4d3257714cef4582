import type { Socket } from 'node:net';
import { timingSafeEqual } from 'node:crypto';
import { Headers } from '../message/headers.ts';
import { serializeHead, type SipMessage } from '../message/message.ts';
import type { Flow } from '../transport/flow.ts';
import { encodeFrame, FrameDecoder, parseCommand, type Command } from './frames.ts';

/** Where a message came from or went to, as the application is told. */
export interface MessageMeta {
  readonly flow: Pick<Flow, 'transport' | 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;
  readonly transactionId: string;
  readonly dialogId: string;
}

export interface AppLinkEvents {
  /** A `sip` command: a message to send. */
  sip(link: AppLink, command: Command): void;
  closed(link: AppLink): void;
}

export interface AppLinkOptions {
  readonly secret: string;
  /** `tcp/127.0.0.1:5060,udp/...`: told to the application when it has authenticated. */
  readonly endpoints: () => string;
  readonly nowEpochMs: () => number;
}

/** From this version on drachtio-srf pings. */
const serverVersion = 'v0.8.26';
/** An application that does not read is cut off at this much; drachtio-srf connects again by itself. */
const maxUnreadBytes = 64 * 1024 * 1024;

/** One control connection: an application that speaks as drachtio-srf does. */
export class AppLink {
  readonly #socket: Socket;
  readonly #options: AppLinkOptions;
  readonly #events: AppLinkEvents;
  readonly #decoder = new FrameDecoder();
  readonly #methods = new Set<string>();
  #authenticated = false;
  #nextId = 1;
  #corked = false;

  constructor(socket: Socket, options: AppLinkOptions, events: AppLinkEvents) {
    this.#socket = socket;
    this.#options = options;
    this.#events = events;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => events.closed(this));
  }

  get connected(): boolean {
    return this.#authenticated && !this.#socket.destroyed;
  }

  /** Methods that the application has said it handles, upper case. */
  get methods(): ReadonlySet<string> {
    return this.#methods;
  }

  /** A message from the network, or one that the engine sent by itself. */
  deliver(source: 'network' | 'application', meta: MessageMeta, message: SipMessage): void {
    const { flow } = meta;
    const text = serializeHead(withPlainNames(message));
    const length = Buffer.byteLength(text) + message.body.length;
    const local = `${flow.localAddress}|${flow.localPort}`;
    this.#send(
      `${this.#id()}|sip|${source}|${length}|${this.#peer(flow)}|${meta.transactionId}|${meta.dialogId}|${local}\r\n${text}`,
      message.body,
    );
  }

  /** The message of a `sip` command went out as given here. */
  ok(commandId: string, meta: MessageMeta, message: SipMessage): void {
    const text = serializeHead(message);
    const length = Buffer.byteLength(text) + message.body.length;
    this.#send(
      `${this.#id()}|response|${commandId}|OK|application|${length}|${this.#peer(meta.flow)}|${meta.transactionId}|${meta.dialogId}\r\n${text}`,
      message.body,
    );
  }

  notOk(commandId: string, reason: string): void {
    this.#send(`${this.#id()}|response|${commandId}|NOK|${reason}`);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #id(): string {
    this.#nextId += 1;
    return `e${this.#nextId}`;
  }

  #peer(flow: MessageMeta['flow']): string {
    return `${flow.transport}|${flow.remoteAddress}|${flow.remotePort}|${this.#options.nowEpochMs()}`;
  }

  #send(text: string, body: Buffer = Buffer.alloc(0)): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableLength > maxUnreadBytes) {
      this.destroy();
      return;
    }
    // One write for all that one turn of the event loop brings.
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      setImmediate(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(encodeFrame(text, body));
  }

  #receive(chunk: Buffer): void {
    const payloads = this.#decoder.push(chunk);
    if (payloads === undefined) {
      this.destroy();
      return;
    }
    for (const payload of payloads) this.#handle(parseCommand(payload));
  }

  #handle(command: Command): void {
    if (!this.#authenticated) {
      this.#authenticate(command);
      return;
    }
    switch (command.verb) {
      case 'sip':
        this.#events.sip(this, command);
        return;
      case 'route':
        this.#methods.add((command.fields[0] ?? '').toUpperCase());
        this.#acknowledge(command);
        return;
      case 'remove_route':
        this.#methods.delete((command.fields[0] ?? '').toUpperCase());
        this.#acknowledge(command);
        return;
      case 'ping':
        this.#acknowledge(command);
        return;
      default:
        this.notOk(command.id, 'not supported by this server');
    }
  }

  #acknowledge(command: Command): void {
    this.#send(`${this.#id()}|response|${command.id}|OK`);
  }

  #authenticate(command: Command): void {
    if (command.verb !== 'authenticate' || !sameSecret(command.fields[0] ?? '', this.#options.secret)) {
      this.notOk(command.id, 'incorrect secret');
      this.#socket.end();
      return;
    }
    this.#authenticated = true;
    const endpoints = this.#options.endpoints();
    this.#send(`${this.#id()}|response|${command.id}|OK|${endpoints}|${serverVersion}|${endpoints}`);
  }
}

/**
 * drachtio-srf unescapes header names: `%46rom` would be a From beside the real one, `X%0D%0ARoute` a line of its own
 * further on. RFC 3261 allows `%` in a token and gives it no meaning; no field that an application knows has one.
 */
function withPlainNames(message: SipMessage): SipMessage {
  if (!message.headers.names.some((name) => name.includes('%'))) return message;
  const headers = new Headers();
  for (let at = 0; at < message.headers.names.length; at += 1) {
    const name = message.headers.names[at] ?? '';
    if (!name.includes('%')) headers.add(name, message.headers.values[at] ?? '');
  }
  return { ...message, headers };
}

function sameSecret(given: string, secret: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(secret);
  return a.length === b.length && timingSafeEqual(a, b);
}
