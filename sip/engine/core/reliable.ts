import { serialize, type SipResponse } from '../message/message.ts';
import { Retransmission } from '../transaction/retransmission.ts';
import type { Core } from './core.ts';
import { newSequence } from './tokens.ts';

interface Waiting {
  readonly response: SipResponse;
  readonly giveUp: () => void;
}

/**
 * Reliable provisional responses of one INVITE (RFC 3262 section 3): each has an RSeq one above the last, is sent
 * again from T1 on, doubling without cap, until its PRACK, and the next waits for that. No PRACK within 64*T1: the
 * INVITE is refused.
 */
export class ReliableProvisionals {
  readonly #core: Core;
  readonly #inviteSequence: number;
  readonly #transmit: (bytes: Buffer, status: number) => void;
  readonly #queue: Waiting[] = [];
  readonly #afterAll: (() => void)[] = [];
  #rseq = newSequence();
  #sending: Retransmission | undefined;

  constructor(core: Core, inviteSequence: number, transmit: (bytes: Buffer, status: number) => void) {
    this.#core = core;
    this.#inviteSequence = inviteSequence;
    this.#transmit = transmit;
  }

  /** Adds RSeq to the response at once, so that the application is shown it, and sends it when its turn has come. */
  send(response: SipResponse, giveUp: () => void): void {
    this.#rseq += 1;
    response.headers.set('RSeq', String(this.#rseq));
    this.#queue.push({ response, giveUp });
    if (this.#queue.length === 1) this.#sendFirst();
  }

  whenAcknowledged(run: () => void): void {
    if (this.#queue.length === 0) run();
    else this.#afterAll.push(run);
  }

  /** `RAck: rseq cseq INVITE`. */
  acknowledge(rack: string): boolean {
    const [first] = this.#queue;
    const match = /^(\d+)\s+(\d+)\s+INVITE$/.exec(rack);
    if (first === undefined || match === null) return false;
    if (match[1] !== first.response.headers.get('RSeq') || Number(match[2]) !== this.#inviteSequence) return false;
    this.#sending?.stop();
    this.#queue.shift();
    if (this.#queue.length > 0) this.#sendFirst();
    else for (const run of this.#afterAll.splice(0)) run();
    return true;
  }

  stop(): void {
    this.#sending?.stop();
    this.#queue.length = 0;
    this.#afterAll.length = 0;
  }

  #sendFirst(): void {
    const [first] = this.#queue;
    if (first === undefined) return;
    const bytes = serialize(first.response);
    this.#transmit(bytes, first.response.status);
    this.#sending = new Retransmission(this.#core.scheduler, this.#core.timers, {
      capMs: Infinity,
      repeat: true,
      send: () => {
        this.#core.counters.retransmitted();
        this.#transmit(bytes, first.response.status);
      },
      giveUp: () => {
        this.stop();
        first.giveUp();
      },
    });
  }
}
