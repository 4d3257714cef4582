import type { CallStore, StoreOp } from '#analytics/types.ts';
import { systemCode } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { Journal } from './journal.ts';
import { callIdOf } from './keys.ts';

const namedCalls = 100;
/** Calls whose row may yet come to be told what it lost. */
const untoldCalls = 1_000;

/** The CallStore that analytics/ writes to: into the journal and nowhere else. Counts and names what finds no room. */
export class WriteAhead implements CallStore {
  readonly #journal: Journal;
  readonly #onWritten: (op: StoreOp) => void;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  /** Ops lost per call that the database has not been told of; calls deleted in this process. */
  readonly #lost = new Map<string, number>();
  readonly #overflowedCallIds = new Set<string>();
  readonly #forgotten = new Set<string>();
  overflowedOps = 0;

  constructor(journal: Journal, tools: { logger: Logger; metrics: Metrics; onWritten: (op: StoreOp) => void }) {
    this.#journal = journal;
    this.#onWritten = tools.onWritten;
    this.#logger = tools.logger;
    this.#metrics = tools.metrics;
  }

  write(op: StoreOp): void {
    const callId = callIdOf(op);
    if (this.#forgotten.has(callId)) return;
    try {
      if (this.#journal.append(op)) this.#onWritten(op);
      else this.#overflow(op, 'limit');
    } catch (thrown) {
      this.#overflow(op, systemCode(thrown) ?? 'unknown');
    }
  }

  /** Wipes what waits of the call; what is written of it from now on is dropped. */
  forgetCall(callId: string): void {
    this.#forgotten.add(callId);
    this.wipeCall(callId);
  }

  /** Wipes what waits of the call; it may begin anew. */
  wipeCall(callId: string): void {
    this.#journal.forgetCall(callId);
    this.#lost.delete(callId);
  }

  get overflowedCallIds(): readonly string[] {
    return [...this.#overflowedCallIds];
  }

  /** Losses not told to the database yet; they are the caller's from here on. */
  takeLosses(): ReadonlyMap<string, number> {
    const losses = new Map(this.#lost);
    this.#lost.clear();
    return losses;
  }

  giveBackLosses(losses: ReadonlyMap<string, number>): void {
    for (const [callId, ops] of losses) {
      if (this.#lost.has(callId) || this.#lost.size < untoldCalls)
        this.#lost.set(callId, (this.#lost.get(callId) ?? 0) + ops);
    }
  }

  #overflow(op: StoreOp, reason: string): void {
    const callId = callIdOf(op);
    this.overflowedOps += 1;
    this.#metrics
      .counter('sidetone_db_overflowed_ops_total', 'Writes that the journal had no room for.', ['op'])
      .add(1, { op: op.op });
    if (!this.#lost.has(callId))
      this.#logger.error({ callId, op: op.op, reason }, 'the journal takes no more; writes of this call are lost');
    this.#lost.set(callId, (this.#lost.get(callId) ?? 0) + 1);
    this.#overflowedCallIds.delete(callId);
    this.#overflowedCallIds.add(callId);
    for (const oldest of this.#overflowedCallIds) {
      if (this.#overflowedCallIds.size <= namedCalls) break;
      this.#overflowedCallIds.delete(oldest);
    }
  }
}
