import type { WebSocket } from 'ws';
import type { Clock } from '#lib/clock.ts';
import type { TerminationReason } from '#sip/types.ts';
import type { CallBook } from '../call-book.ts';
import type { StreamPeople } from '../../types.ts';
import {
  refusalOf,
  Refused,
  remedyOf,
  type RefusalReason,
  type StreamOrigin,
  type StreamRefusals,
} from '../refusals.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import type { Leaving, Member, Seat } from '../streamed-call.ts';
import { TooFast } from '../too-fast.ts';

export interface WebSocketContext {
  readonly book: CallBook;
  readonly refusals: StreamRefusals;
  readonly metrics: StreamMetrics;
  readonly clock: Clock;
  readonly seen: (origin: StreamOrigin) => void;
}

/** RFC 6455 section 7.4.1, and 1013 of the registry: try again later. */
const closeCodes = { normal: 1000, goingAway: 1001, unsupportedData: 1003, policy: 1008, tryLater: 1013 } as const;
const mostReasonBytes = 123;
const closeTimeoutMs = 3000;

/** One WebSocket of a call, whatever it speaks: its seat, its end, what it is told when it is turned away. */
export class WebSocketMember implements Member {
  readonly #socket: WebSocket;
  readonly #origin: StreamOrigin;
  readonly #context: WebSocketContext;
  #seat: Seat | undefined;
  #left = false;
  readonly #tooFast = new TooFast(
    () => this.#context.refusals.complain(this.#origin, 'sound-too-fast'),
    () => this.refuse(new Refused('sound-flood')),
  );

  constructor(socket: WebSocket, origin: StreamOrigin, context: WebSocketContext) {
    this.#socket = socket;
    this.#origin = origin;
    this.#context = context;
  }

  get isOver(): boolean {
    return this.#left;
  }

  get isSeated(): boolean {
    return this.#seat !== undefined;
  }

  /** @throws Refused */
  join(call: { readonly key: string; readonly sipCallIds: readonly string[]; readonly known: StreamPeople }): Seat {
    this.#context.seen(this.#origin);
    this.#seat = this.#context.book.join({ ...call, origin: this.#origin }, this);
    return this.#seat;
  }

  dismiss(reason: TerminationReason): void {
    const stopping = reason === 'server-draining' || reason === 'server-shutdown';
    this.#close(stopping ? closeCodes.goingAway : closeCodes.normal, reason);
    this.leave('sender-ended');
  }

  refuse(refused: Refused): void {
    if (this.#left) return;
    const { reason } = refused;
    this.#context.refusals.refuse(this.#origin, refused);
    this.#close(closeCodeOf(reason), `${reason}: ${remedyOf(reason)}`);
    this.leave('sender-lost');
  }

  /** The sender has said that its stream is over. */
  ended(): void {
    this.#close(closeCodes.normal, 'ended');
    this.leave('sender-ended');
  }

  /** Does what may be refused. */
  attempt(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.refuse(refusalOf(thrown));
    }
  }

  leave(how: Leaving): void {
    if (this.#left) return;
    this.#left = true;
    this.#seat?.leave(how);
  }

  malformed(): void {
    this.#context.metrics.malformed('websocket');
  }

  droppedMs(ms: number): void {
    this.#context.metrics.droppedMs('websocket', ms);
    this.#tooFast.dropped(ms);
  }

  lateMs(ms: number): void {
    this.#context.metrics.droppedMs('websocket', ms);
  }

  #close(code: number, reason: string): void {
    closeSocket(this.#socket, code, reason);
  }
}

/** Closes, and cuts off a sender that does not answer that. `reason`: ASCII. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason.slice(0, mostReasonBytes));
  setTimeout(() => socket.terminate(), closeTimeoutMs).unref();
}

/** Those that pass by themselves, and those of what was sent; of all others the sender's settings are the matter. */
const tryLater: readonly RefusalReason[] = [
  'server-draining',
  'at-capacity',
  'ports-exhausted',
  'media-worker-lost',
  'too-many-sockets',
  'internal-error',
];
const unsupported: readonly RefusalReason[] = ['unsupported-encoding', 'not-json', 'format-changed'];

function closeCodeOf(reason: RefusalReason): number {
  if (tryLater.includes(reason)) return closeCodes.tryLater;
  return unsupported.includes(reason) ? closeCodes.unsupportedData : closeCodes.policy;
}
