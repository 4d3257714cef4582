import type { Clock } from '#lib/clock.ts';
import { once } from '#lib/closing.ts';
import { hasCode, SidetoneError, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { DueCall, LiveEvent, SecondPassStore } from '../types.ts';
import { passOver, type PassOverOptions } from './pass-over.ts';

export interface SecondPassOptions extends PassOverOptions {
  readonly queue: SecondPassStore;
  /** Calls of which rows may still come: their turn has not come. */
  readonly openCalls: () => readonly string[];
  readonly subscribe: (listener: (event: LiveEvent) => void) => () => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly timing?: typeof secondPassTiming;
}

/** `firstRetryMs` grows fourfold with each attempt. */
export const secondPassTiming = { lookMs: 30_000, firstRetryMs: 60_000 } as const;
const mostAttempts = 3;

export interface SecondPass {
  /** Stops between two calls, or in the midst of one, which is begun anew by the next server. */
  close(): Promise<void>;
}

/**
 * Goes over ended calls one by one, the oldest first. What is to be done stands in the database: nothing is forgotten
 * with the process, and nothing is held in memory but the call in hand.
 */
export function startSecondPass(options: SecondPassOptions): SecondPass {
  const { queue, clock, logger, metrics, timing = secondPassTiming } = options;
  const calls = metrics.counter('sidetone_second_pass_calls_total', 'Ended calls recognised again, by how that went', [
    'result',
  ]);
  const turns = metrics.counter('sidetone_second_pass_turns_total', 'Turns recognised again, by what came of it', [
    'result',
  ]);
  const waiting = metrics.gauge('sidetone_second_pass_waiting', 'Ended calls that are still to be recognised again');
  const closing = new AbortController();
  let working: Promise<void> | undefined;
  let again = false;

  const wake = (): void => {
    again = true;
    if (working !== undefined || closing.signal.aborted) return;
    working = work()
      .catch((thrown: unknown) => {
        // It is asked again when the time has come; calls wait in it meanwhile.
        if (!hasCode(thrown, 'database-unavailable')) logger.error({ err: toError(thrown) }, 'second pass failed');
      })
      .finally(() => {
        working = undefined;
      });
  };
  const now = (): string => new Date(clock.nowEpochMs()).toISOString();
  const work = async (): Promise<void> => {
    while (again && !closing.signal.aborted) {
      again = false;
      for (let due = await next(); due !== undefined && !closing.signal.aborted; due = await next()) await takeOn(due);
      waiting.set(await queue.waiting(now()));
    }
  };
  const next = async (): Promise<DueCall | undefined> => {
    waiting.set(await queue.waiting(now()));
    return queue.next(now(), options.openCalls());
  };
  const takeOn = async ({ callId, attempts }: DueCall): Promise<void> => {
    try {
      const passed = await passOver(options, callId, now());
      await queue.settle(callId, { state: 'done' });
      calls.add(1, { result: 'done' });
      if (passed === undefined) return;
      turns.add(passed.changed, { result: 'changed' });
      turns.add(passed.turns - passed.changed, { result: 'same' });
      logger.info({ callId, ...passed }, 'second pass over a call');
    } catch (thrown) {
      if (closing.signal.aborted) return;
      if (hasCode(thrown, 'database-unavailable')) throw thrown;
      await failed({ callId, attempts: attempts + 1 }, toError(thrown));
    }
  };
  const failed = async ({ callId, attempts }: DueCall, err: Error): Promise<void> => {
    const fault = err instanceof SidetoneError ? err.code : 'internal-error';
    const isOver = attempts >= mostAttempts;
    logger.warn({ err, callId, attempts }, isOver ? 'no second pass over a call' : 'second pass is tried again later');
    calls.add(1, { result: isOver ? 'failed' : 'retried' });
    const nextAt = new Date(clock.nowEpochMs() + timing.firstRetryMs * 4 ** (attempts - 1)).toISOString();
    await queue.settle(
      callId,
      isOver ? { state: 'failed', attempts, fault } : { state: 'waiting', attempts, nextAt, fault },
    );
    if (isOver) await noteFailure(callId, fault);
  };
  const noteFailure = async (callId: string, fault: string): Promise<void> => {
    const before = await options.archive.load(callId);
    if (before === undefined) return;
    const note = { atMs: null, note: 'second-pass-failed', detail: fault };
    const call = { ...before.call, notes: [...before.call.notes, note] };
    await options.archive.replace(before, { ...before, call });
  };

  const timer = setInterval(wake, timing.lookMs);
  timer.unref();
  const stop = options.subscribe((event) => {
    if (event.type === 'end') wake();
  });
  wake();
  return {
    close: once(async () => {
      closing.abort();
      clearInterval(timer);
      stop();
      await options.recogniser.close();
      await working;
    }),
  };
}
