import { setTimeout } from 'node:timers/promises';
import { BackgroundTasks } from '#lib/closing.ts';
import type { Clock } from '#lib/clock.ts';
import { SidetoneError, toError, type ErrorCode } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { CallIntake } from '#sip/types.ts';
import type { IngestEntry } from '../types.ts';
import type { CurrentEntries } from './entries.ts';
import { IngestJob, type MediaEvents } from './ingest-job.ts';
import type { Contents, FileReading } from './reading.ts';
import type { SoundThread } from './sound/sound-thread.ts';
import type { Spool } from './spool.ts';

export interface TurnsOptions {
  readonly intake: CallIntake;
  readonly media: MediaEvents;
  /** Removes all that an interrupted run has stored of a call, so that it can be played anew under its id. */
  readonly discard: (callId: string) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Files that are played at once. */
  readonly concurrency: number;
  /**
   * How long a file waits that failed by what will pass, before it is tried again: as many times as there are numbers.
   * Not many: a file may be what made it fail.
   */
  readonly retryAfterMs?: readonly number[];
}

interface Turn {
  readonly sha256: string;
  /** Undefined: not read through by this server. */
  readonly contents: Contents | undefined;
  /** Times that it has failed. */
  readonly failures: number;
}

/** How often a running entry is saved, so that those who look at the ledger alone see it move. */
const saveEveryMs = 10_000;
const defaultRetryAfterMs: readonly number[] = [2000, 15_000];
/** No fault of the file: a thread that died, a house that was in trouble for the moment. */
const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'media-worker-lost',
  'ports-exhausted',
  'rpc-timeout',
  'database-unavailable',
]);

/**
 * Files that wait their turn, and those that are being played.
 *
 *     waiting -> running -> done
 *     waiting <- running            what will pass failed it, a few times; or the server stops
 *                running -> failed  with the reason
 *
 * A file stays in the spool until it is done or failed.
 */
export class IngestTurns {
  readonly #options: TurnsOptions;
  readonly #entries: CurrentEntries;
  readonly #spool: Spool;
  readonly #sound: SoundThread;
  readonly #reading: FileReading;
  readonly #tasks: BackgroundTasks;
  readonly #retryAfterMs: readonly number[];
  readonly #waiting: Turn[] = [];
  readonly #running = new Set<IngestJob>();
  /** Of those that failed and wait to be tried again. */
  readonly #stop = new AbortController();

  constructor(
    options: TurnsOptions,
    parts: {
      readonly entries: CurrentEntries;
      readonly spool: Spool;
      readonly sound: SoundThread;
      readonly reading: FileReading;
    },
  ) {
    this.#options = options;
    this.#entries = parts.entries;
    this.#spool = parts.spool;
    this.#sound = parts.sound;
    this.#reading = parts.reading;
    this.#retryAfterMs = options.retryAfterMs ?? defaultRetryAfterMs;
    this.#tasks = new BackgroundTasks((err) => options.logger.error({ err }, 'an ingest task failed'));
  }

  /** To be played from the beginning. `contents`: where it has just been read through. */
  enqueue(sha256: string, contents: Contents): void {
    this.#waiting.push({ sha256, contents, failures: 0 });
    this.#pump();
  }

  /** Of an earlier server, whose runs left something: it is removed first. */
  resume(entries: readonly IngestEntry[]): void {
    this.#tasks.add(this.#resumeAll(entries));
  }

  /** What runs ends within a second of sound, and is left to the next server, as is all that waits. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const job of this.#running) job.stop();
    await this.#tasks.settle();
  }

  get #closing(): boolean {
    return this.#stop.signal.aborted;
  }

  async #resumeAll(entries: readonly IngestEntry[]): Promise<void> {
    for (const { sha256 } of entries) {
      if (this.#closing) return;
      await this.#anew({ sha256, contents: undefined, failures: 0 });
    }
  }

  #pump(): void {
    while (!this.#closing && this.#running.size < this.#options.concurrency) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const entry = this.#entries.get(next.sha256);
      if (entry !== undefined) this.#tasks.add(this.#run(entry, next));
    }
  }

  async #run(entry: IngestEntry, turn: Turn): Promise<void> {
    const { intake, media, clock, logger } = this.#options;
    const { sha256 } = turn;
    const begunMs = clock.nowMs();
    let savedMs = begunMs;
    let saved: Promise<void> = Promise.resolve();
    const onProgress = (doneMs: number): void => {
      const nowMs = clock.nowMs();
      const changed = this.#entries.change(sha256, { doneMs, hoursPerHour: doneMs / Math.max(1, nowMs - begunMs) });
      if (nowMs - savedMs < saveEveryMs) return;
      savedMs = nowMs;
      saved = this.#entries.save(changed);
      this.#tasks.add(saved);
    };
    const job = new IngestJob({ intake, media, sound: this.#sound, entry, onProgress });
    this.#running.add(job);
    try {
      await this.#entries.keep(this.#entries.change(sha256, { state: 'running' }));
      const end = await job.run(turn.contents ?? (await this.#read(entry)));
      // One that is slow must not come after the last: the next server would take the file for unfinished.
      await saved.catch(() => undefined);
      if (end === 'stopped') return;
      if (end === 'media-failed') throw new SidetoneError('media-worker-lost', 'the media of its call failed');
      const hoursPerHour = entry.durationMs / Math.max(1, clock.nowMs() - begunMs);
      this.#entries.change(sha256, { doneMs: entry.durationMs, hoursPerHour });
      await this.#finish(sha256, end === 'done' ? null : `ended early: ${end}`);
      logger.info({ callIds: entry.callIds, durationMs: entry.durationMs, hoursPerHour, end }, 'file taken in');
    } catch (thrown) {
      await saved.catch(() => undefined);
      await this.#failed(entry, turn, toError(thrown));
    } finally {
      this.#running.delete(job);
      this.#pump();
    }
  }

  #read({ spooled, swap }: IngestEntry): Promise<Contents> {
    return this.#reading.contents(
      spooled.map((name) => this.#spool.path(name)),
      swap,
    );
  }

  /** What will pass is waited out, a few times; anything else is the end of it. A server that stops leaves it as it is. */
  async #failed({ callIds }: IngestEntry, turn: Turn, err: Error): Promise<void> {
    if (this.#closing) return;
    const { logger } = this.#options;
    const { sha256 } = turn;
    const failures = turn.failures + 1;
    const waitMs = isPassing(err) ? this.#retryAfterMs[turn.failures] : undefined;
    if (waitMs !== undefined) {
      logger.warn({ err, callIds, failures, waitMs }, 'file could not be taken in just now: it is tried again');
      await this.#entries.keep(this.#entries.change(sha256, { state: 'waiting', doneMs: 0, hoursPerHour: null }));
      this.#tasks.add(this.#later({ ...turn, failures }, waitMs));
      return;
    }
    logger.error({ err, callIds, failures }, 'file could not be taken in');
    await this.#finish(sha256, failures === 1 ? err.message : `given up after ${failures} attempts: ${err.message}`);
  }

  async #later(turn: Turn, waitMs: number): Promise<void> {
    await setTimeout(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    if (!this.#closing) await this.#anew(turn);
  }

  /** Once what an earlier run has stored is removed. */
  async #anew(turn: Turn): Promise<void> {
    const entry = this.#entries.get(turn.sha256);
    if (entry === undefined) return;
    try {
      for (const callId of entry.callIds) {
        await this.#entries.withDatabase(() => this.#options.discard(callId));
      }
      this.#waiting.push(turn);
      this.#pump();
    } catch (thrown) {
      await this.#failed(entry, turn, toError(thrown));
    }
  }

  async #finish(sha256: string, fault: string | null): Promise<void> {
    const { spooled } = this.#entries.get(sha256) ?? { spooled: [] };
    await this.#entries.finish(sha256, { state: fault === null ? 'done' : 'failed', fault, spooled: [] });
    await this.#spool.remove(spooled);
  }
}

function isPassing(error: Error): boolean {
  return error instanceof SidetoneError && passing.has(error.code);
}
