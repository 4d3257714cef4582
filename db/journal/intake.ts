import { join } from 'node:path';
import type { CallStore, StoreOp } from '#analytics/types.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { JournalStatus } from '../types.ts';
import { Drain } from './drain.ts';
import { Journal } from './journal.ts';
import { RefusedOps } from './refused.ts';
import { WriteAhead } from './write-ahead.ts';

/** Journal, what fills it and what empties it, as one thing. */
export interface Intake {
  readonly store: CallStore;
  readonly status: JournalStatus;
  /** Stores all that is pending, and tells the rows of calls what they lost. Throws when the database does not take it. */
  catchUp(): Promise<void>;
  /** Stores as it comes, until `pause`. */
  resume(): void;
  pause(): Promise<void>;
  /** @throws SidetoneError `database-unavailable` after `timeoutMs` */
  flush(timeoutMs: number): Promise<void>;
  /** Deletes a call, by `remove`, and all that the journal holds of it, so that nothing written before brings it back. */
  removeCall(callId: string, remove: () => Promise<boolean>): Promise<boolean>;
  /** As `removeCall`, but the call may be written anew, from its beginning and under its id. */
  discardCall(callId: string, remove: () => Promise<unknown>): Promise<void>;
  /**
   * Runs `change`, on a call that is stored whole, while nothing is being stored. What the journal still held of the
   * call is wiped before: after a crash it would come over what was changed. `assertUnchanged` throws as soon as
   * something has been written of it meanwhile.
   * @throws SidetoneError `conflict` when something of it waits to be stored
   */
  changeCall<Result>(callId: string, change: (assertUnchanged: () => void) => Promise<Result>): Promise<Result>;
  close(): void;
}

export interface IntakeOptions {
  readonly dataDir: string;
  readonly limitMb: number;
  readonly apply: (ops: readonly StoreOp[]) => Promise<void>;
  /** Resolves with the losses of calls that have no row yet. */
  readonly storeLosses: (losses: ReadonlyMap<string, number>) => Promise<ReadonlyMap<string, number>>;
  readonly onTrouble: () => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** @throws what the disk says */
export function openIntake(options: IntakeOptions): Intake {
  const { logger, metrics } = options;
  const dir = join(options.dataDir, 'journal');
  const limitBytes = options.limitMb * 1024 * 1024;
  const journal = new Journal(dir, limitBytes);
  if (journal.pendingOps > 0) logger.info({ ops: journal.pendingOps }, 'the journal holds writes of an earlier run');
  if (journal.damagedRecords > 0)
    logger.warn({ records: journal.damagedRecords }, 'the journal has damaged records; they are skipped');
  const refused = new RefusedOps(join(dir, 'refused'));
  const pending = metrics.gauge('sidetone_db_journal_pending_bytes', 'Written to the journal and not yet stored.');
  const drain = new Drain(journal, {
    apply: async (ops) => {
      await options.apply(ops);
      pending.set(journal.pendingBytes);
    },
    onEmpty: () => tellLosses(),
    refused,
    onTrouble: options.onTrouble,
    logger,
    metrics,
  });
  const writeAhead = new WriteAhead(journal, {
    logger,
    metrics,
    onWritten: (op) => {
      pending.set(journal.pendingBytes);
      refused.replacedBy(op);
      drain.kick();
    },
  });
  const tellLosses = async (): Promise<void> => {
    const losses = writeAhead.takeLosses();
    try {
      if (losses.size > 0) writeAhead.giveBackLosses(await options.storeLosses(losses));
    } catch (thrown) {
      writeAhead.giveBackLosses(losses);
      throw thrown;
    }
  };
  return {
    store: writeAhead,
    get status() {
      return {
        pendingOps: journal.pendingOps,
        pendingBytes: journal.pendingBytes,
        limitBytes,
        overflowedOps: writeAhead.overflowedOps,
        overflowedCallIds: writeAhead.overflowedCallIds,
        refusedOps: drain.refusedOps,
        damagedRecords: journal.damagedRecords,
      };
    },
    catchUp: async () => {
      await drain.catchUp();
      await tellLosses();
    },
    resume: () => drain.resume(),
    pause: () => drain.pause(),
    flush: async (timeoutMs) => {
      const last = journal.lastPending;
      const giveUpAtMs = performance.now() + timeoutMs;
      for (;;) {
        if (last?.state !== 'pending') return;
        const leftMs = giveUpAtMs - performance.now();
        if (leftMs <= 0) throw new SidetoneError('database-unavailable', 'the journal could not be emptied in time');
        drain.kick(0);
        await drain.nextBatch(leftMs);
      }
    },
    // A batch with the call in it may be on its way to the database: it has to arrive first.
    removeCall: (callId, remove) =>
      drain.standStill(async () => {
        const removed = await remove();
        if (removed) {
          writeAhead.forgetCall(callId);
          refused.forgetCall(callId);
        }
        return removed;
      }),
    discardCall: (callId, remove) =>
      drain.standStill(async () => {
        writeAhead.wipeCall(callId);
        refused.forgetCall(callId);
        await remove();
      }),
    changeCall: (callId, change) =>
      drain.standStill(() => {
        const assertUnchanged = (): void => {
          if (journal.awaits(callId))
            throw new SidetoneError('conflict', 'something of the call is still to be stored');
        };
        assertUnchanged();
        journal.wipeStored(callId);
        return change(assertUnchanged);
      }),
    close: () => journal.close(),
  };
}
