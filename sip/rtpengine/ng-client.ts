import { randomBytes } from 'node:crypto';
import { Emitter } from '#lib/emitter.ts';
import { once } from '#lib/closing.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { HostResolver } from '#lib/host-resolver.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { BencodeDictionary } from './bencode.ts';
import { decodeReply, encodeRequest, readUptimeS, type NgCommand, type NgFields, type NgReply } from './ng.ts';
import { ngMetrics, type NgMetrics } from './ng-metrics.ts';
import { NgSocket } from './ng-socket.ts';

export interface NgClientOptions {
  readonly host: string;
  readonly port: number;
  readonly resolver: HostResolver;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly timing?: Partial<NgTiming>;
}

export interface NgTiming {
  /** Until a question is sent again; doubled each time, 2 s at the most. rtpengine knows a question again by its cookie. */
  readonly retransmitMs: number;
  /** A question without an answer is given up, and rtpengine taken for lost. */
  readonly giveUpMs: number;
  /** Silence after which it is asked whether it is there. */
  readonly pingMs: number;
}
const defaultTiming: NgTiming = { retransmitMs: 250, giveUpMs: 4000, pingMs: 2000 };
const longestRetransmitMs = 2000;

export type NgState = 'unknown' | 'up' | 'down';

/** The others wait: what answers them must fit into the socket's buffer together, a few KB each. */
const openAtOnce = 16;
/** Past these a question is as good as unanswered: its turn would come minutes from now. */
const mostWaiting = 4096;

interface Question {
  readonly cookie: string;
  readonly command: NgCommand;
  readonly datagram: Buffer;
  readonly resolve: (reply: NgReply | undefined) => void;
}
interface OpenQuestion extends Question {
  retransmit: NodeJS.Timeout;
  readonly giveUp: NodeJS.Timeout;
}

/**
 * Asks one rtpengine over UDP. It is `unknown` until its first answer or the first question that got none; from then on
 * `up` when something of it was heard within `pingMs + giveUpMs`, and `down` when a question was left without an answer.
 * While it is down it is asked every `pingMs` whether it is back, its name looked up anew each time.
 */
export class NgClient {
  readonly #options: NgClientOptions;
  readonly #timing: NgTiming;
  readonly #metrics: NgMetrics;
  readonly #events: Emitter<NgState>;
  readonly #open = new Map<string, OpenQuestion>();
  readonly #waiting: Question[] = [];
  readonly #socket: NgSocket;
  /** Cookies of this client begin alike, so that those of another that was here before are not taken for ours. */
  readonly #prefix = randomBytes(6).toString('hex');
  #count = 0;
  #state: NgState = 'unknown';
  #ping: NodeJS.Timeout | undefined;
  #lastHeardMs = 0;
  #isClosed = false;

  constructor(options: NgClientOptions) {
    this.#options = options;
    this.#socket = new NgSocket({ ...options, onMessage: (datagram) => this.#heard(datagram) });
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#metrics = ngMetrics(options.metrics);
    this.#events = new Emitter((err) => options.logger.error({ err }, 'a listener of rtpengine failed'));
    this.#schedulePing(0);
  }

  get state(): NgState {
    return this.#state;
  }

  get host(): string {
    return this.#options.host;
  }

  /** As it is configured. */
  get address(): string {
    return `${this.#options.host}:${this.#options.port}`;
  }

  /** The IP that it was last reached at; its name before that. */
  get peerAddress(): string {
    return this.#socket.peerAddress;
  }

  /** Hears `up` and `down` as they change. */
  subscribe(listener: (state: NgState) => void): () => void {
    return this.#events.subscribe(listener);
  }

  /**
   * @throws SidetoneError `rtpengine-unavailable` (no answer), `rtpengine-refused` (its reason is the message)
   */
  async request(command: NgCommand, fields: NgFields = {}): Promise<BencodeDictionary> {
    const reply = await this.ask(command, fields);
    if (reply === undefined) throw new SidetoneError('rtpengine-unavailable', 'rtpengine does not answer');
    if (!reply.ok) throw new SidetoneError('rtpengine-refused', `rtpengine: ${reply.reason}`);
    return reply.fields;
  }

  /** As `request`, for who wants to read the refusal; undefined when no answer came. */
  ask(command: NgCommand, fields: NgFields = {}): Promise<NgReply | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    if (this.#waiting.length >= mostWaiting) {
      this.#metrics.asked(command, 'no-answer');
      return Promise.resolve(undefined);
    }
    return new Promise((resolve) => {
      const cookie = `${this.#prefix}_${++this.#count}`;
      const datagram = encodeRequest(cookie, command, fields);
      this.#waiting.push({ cookie, command, datagram, resolve });
      this.#sendWaiting();
    });
  }

  #sendWaiting(): void {
    while (this.#open.size < openAtOnce) {
      const question = this.#waiting.shift();
      if (question === undefined) return;
      const { retransmitMs, giveUpMs } = this.#timing;
      const open: OpenQuestion = {
        ...question,
        retransmit: setTimeout(() => this.#again(open, retransmitMs * 2), retransmitMs),
        giveUp: setTimeout(() => this.#giveUp(open), giveUpMs),
      };
      this.#open.set(question.cookie, open);
      this.#socket.send(question.datagram);
    }
  }

  #settle(question: OpenQuestion, reply: NgReply | undefined): void {
    clearTimeout(question.retransmit);
    clearTimeout(question.giveUp);
    this.#open.delete(question.cookie);
    this.#answer(question, reply);
    this.#sendWaiting();
  }

  #answer({ command, resolve }: Question, reply: NgReply | undefined): void {
    this.#metrics.asked(command, reply === undefined ? 'no-answer' : reply.ok ? 'ok' : 'error');
    resolve(reply);
  }

  #dropWaiting(): void {
    for (const question of this.#waiting.splice(0)) this.#answer(question, undefined);
  }

  /** When this rtpengine was started, to the second and rather too early; undefined when it does not say. */
  async startedEpochMs(): Promise<number | undefined> {
    const reply = await this.ask('statistics');
    const uptimeS = reply?.ok === true ? readUptimeS(reply.fields) : undefined;
    return uptimeS === undefined ? undefined : Date.now() - (uptimeS + 1) * 1000;
  }

  readonly close = once(async () => {
    this.#isClosed = true;
    clearTimeout(this.#ping);
    this.#dropWaiting();
    for (const question of [...this.#open.values()]) this.#settle(question, undefined);
    this.#socket.close();
  });

  #again(question: OpenQuestion, waitMs: number): void {
    this.#metrics.retransmitted();
    this.#socket.send(question.datagram);
    const next = Math.min(waitMs, longestRetransmitMs);
    question.retransmit = setTimeout(() => this.#again(question, next * 2), next);
  }

  #giveUp(question: OpenQuestion): void {
    // What was asked before the last sign of life says nothing about now.
    if (performance.now() - this.#lastHeardMs >= this.#timing.giveUpMs) {
      this.#dropWaiting();
      this.#setState('down');
    }
    this.#settle(question, undefined);
  }

  #heard(datagram: Buffer): void {
    const answer = decodeReply(datagram);
    const question = answer === undefined ? undefined : this.#open.get(answer.cookie);
    if (answer === undefined) this.#metrics.malformed();
    // The answer to a question sent twice comes twice.
    if (answer === undefined || question === undefined) return;
    this.#lastHeardMs = performance.now();
    this.#settle(question, answer.reply);
    this.#setState('up');
  }

  #schedulePing(afterMs: number): void {
    this.#ping = setTimeout(() => {
      void this.#pingOnce().finally(() => {
        if (!this.#isClosed) this.#schedulePing(this.#timing.pingMs);
      });
    }, afterMs);
  }

  async #pingOnce(): Promise<void> {
    if (this.#state === 'up' && performance.now() - this.#lastHeardMs < this.#timing.pingMs) return;
    if (this.#state === 'down') this.#socket.forget();
    await this.ask('ping');
  }

  #setState(state: NgState): void {
    if (state === this.#state) return;
    const { logger, host, port } = this.#options;
    this.#state = state;
    this.#metrics.up(state === 'up');
    if (state === 'up') logger.info({ host, port }, 'rtpengine answers');
    else logger.error({ host, port }, 'rtpengine does not answer');
    this.#events.emit(state);
  }
}
