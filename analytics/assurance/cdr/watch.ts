import { stat } from 'node:fs/promises';
import type { CdrFilePosition, CdrOutcome, CdrStore, OpenCdr } from '#analytics/types.ts';
import { systemClock, type Clock } from '#lib/clock.ts';
import { once } from '#lib/closing.ts';
import type { CdrFileConfig, Config } from '#lib/config/schema.ts';
import { hasCode, systemCode, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import { cdrMetrics } from './cdr-metrics.ts';
import { cdrPaths } from './cdr-paths.ts';
import { matchCdr } from './match.ts';
import { readCdrFile, type CdrBatch } from './read-file.ts';
import { whenStillUnmatched } from './schedule.ts';
import { beginning } from './tail.ts';

export interface CdrWatchOptions {
  readonly config: Config;
  readonly store: CdrStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
  readonly pollMs?: number;
}

const usualPollMs = 5_000;
/** A last line without a line feed counts once its file has been left alone for so long. */
const stillAfterMs = 60_000;
const matchedAtOnce = 200;
/** Of the bad lines of a part, so many are logged each by itself. */
const toldBadLines = 5;

/**
 * Follows the CDR files of the configuration: stores what is new in them, and holds it against the calls until each record
 * has one. Whatever fails (a file, the database) is tried again on the next round; a round never overlaps another.
 */
export function startCdrWatch(options: CdrWatchOptions): { close(): Promise<void> } {
  const watch = new CdrWatch(options);
  if (options.config.assurance.cdr.length === 0) return { close: () => Promise.resolve() };
  const pollMs = options.pollMs ?? usualPollMs;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  const round = (): void => {
    running = watch.round().finally(() => {
      if (!closed) timer = setTimeout(round, pollMs);
    });
  };
  round();
  return {
    close: once(async () => {
      closed = true;
      clearTimeout(timer);
      watch.stop();
      await running;
    }),
  };
}

class CdrWatch {
  readonly #files: readonly CdrFileConfig[];
  readonly #store: CdrStore;
  readonly #logger: Logger;
  readonly #metrics: ReturnType<typeof cdrMetrics>;
  readonly #clock: Clock;
  /** By path; undefined until they could be read from the database. */
  #positions: Map<string, CdrFilePosition> | undefined;
  /** Size and time of change when a file was last read to its end: it is not opened again until they differ. */
  readonly #seen = new Map<string, string>();
  readonly #told = new Set<string>();
  readonly #startedEpochMs: number;
  #stopped = false;

  constructor({ config, store, logger, metrics, clock }: CdrWatchOptions) {
    this.#files = config.assurance.cdr;
    this.#store = store;
    this.#logger = logger;
    this.#metrics = cdrMetrics(metrics);
    this.#clock = clock ?? systemClock;
    this.#startedEpochMs = this.#clock.nowEpochMs();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Never rejects. */
  async round(): Promise<void> {
    try {
      this.#positions ??= new Map((await this.#store.positions()).map((position) => [position.path, position]));
      for (const file of this.#files) for (const path of await cdrPaths(file.path)) await this.#readFile(file, path);
      while (!this.#stopped && (await this.#match()) === matchedAtOnce);
      this.#metrics.state(await this.#store.counts());
    } catch (thrown) {
      // The journal keeps what calls write meanwhile; the files keep the rest.
      if (!hasCode(thrown, 'database-unavailable'))
        this.#logger.error({ err: toError(thrown) }, 'a round over the CDR files failed; it comes again');
    }
  }

  async #readFile(file: CdrFileConfig, path: string): Promise<void> {
    if (this.#stopped) return;
    try {
      const now = await stat(path);
      const mark = `${now.ino} ${now.size} ${now.mtimeMs}`;
      const still = this.#clock.nowEpochMs() - now.mtimeMs > stillAfterMs;
      if (this.#seen.get(path) === `${mark} ${still}`) return;
      const from = this.#positions?.get(path) ?? (await this.#firstSight(file, path));
      const options = { sinceEpochMs: this.#since(file), still, readAt: iso(this.#clock.nowEpochMs()) };
      for await (const batch of readCdrFile(file, from, options)) {
        await this.#take(batch);
        if (this.#stopped) return;
      }
      this.#seen.set(path, `${mark} ${still}`);
      this.#told.delete(path);
    } catch (thrown) {
      // What the database says has codes too.
      if (!(thrown instanceof Error && 'syscall' in thrown)) throw thrown;
      if (this.#told.has(path)) return;
      this.#told.add(path);
      this.#logger.warn({ path, code: systemCode(thrown) }, 'a CDR file cannot be read; it is tried again');
    }
  }

  /** Kept before anything is read: what the file holds from now on must have its call, also after a restart. */
  async #firstSight(file: CdrFileConfig, path: string): Promise<CdrFilePosition> {
    const at = iso(this.#clock.nowEpochMs());
    const none = { header: null, badLines: 0, lastBadLine: null, lastBadProblem: null };
    const position = { path, sourceName: file.sourceName, ...beginning, ...none, firstSeenAt: at, readAt: at };
    await this.#store.take(position, []);
    this.#positions?.set(path, position);
    return position;
  }

  /** A file that comes later belongs to a source that has been looked at before. */
  #since({ since, sourceName }: CdrFileConfig): number {
    if (since !== undefined) return Date.parse(since);
    const firstSeen = [...(this.#positions?.values() ?? [])]
      .filter((position) => position.sourceName === sourceName)
      .map(({ firstSeenAt }) => Date.parse(firstSeenAt));
    return Math.min(this.#startedEpochMs, ...firstSeen);
  }

  async #take({ anew, position, records, earlier, badLines }: CdrBatch): Promise<void> {
    const { path, sourceName } = position;
    const added = await this.#store.take(position, records);
    this.#positions?.set(path, position);
    this.#metrics.read(added, badLines.length);
    if (anew === 'rotated')
      this.#logger.info({ path, sourceName }, 'a CDR file was moved aside, and is read to its end');
    if (anew === 'lost')
      this.#logger.warn({ path, sourceName }, 'a CDR file was cut, or moved away: what it got last may be lost');
    if (earlier > 0) this.#logger.info({ path, sourceName, earlier }, 'CDRs of earlier calls are passed over');
    for (const { line, problem } of badLines.slice(0, toldBadLines))
      this.#logger.warn({ path, sourceName, line, problem }, 'a line of a CDR file is no record');
    if (badLines.length > toldBadLines)
      this.#logger.warn({ path, sourceName, more: badLines.length - toldBadLines }, 'further lines are no records');
  }

  /** @returns how many were looked at */
  async #match(): Promise<number> {
    const names = this.#files.map(({ sourceName }) => sourceName);
    const due = await this.#store.due(names, iso(this.#clock.nowEpochMs()), matchedAtOnce);
    const outcomes: CdrOutcome[] = [];
    const claimed = new Set<string>();
    for (const cdr of due) {
      if (this.#stopped) break;
      const outcome = await this.#matchOne(cdr, claimed);
      if (outcome.state === 'matched') claimed.add(outcome.callId);
      outcomes.push(outcome);
    }
    await this.#store.settle(outcomes);
    outcomes.forEach((outcome, index) => this.#tell(outcome, due[index]));
    return due.length;
  }

  async #matchOne({ record }: OpenCdr, claimed: ReadonlySet<string>): Promise<CdrOutcome> {
    const file = this.#files.find(({ sourceName }) => sourceName === record.sourceName);
    const withinMs = (file?.matchWithinS ?? 0) * 1000;
    const nowEpochMs = this.#clock.nowEpochMs();
    const candidates = await this.#store.candidates(record, withinMs);
    const call = matchCdr(
      record,
      candidates.map((each) => ({ ...each, claimed: each.claimed || claimed.has(each.callId) })),
      { withinMs, nowEpochMs },
    );
    if (call !== undefined) return { recordId: record.recordId, state: 'matched', callId: call.callId };
    return { recordId: record.recordId, ...whenStillUnmatched(record, (file?.graceS ?? 0) * 1000, nowEpochMs) };
  }

  #tell(outcome: CdrOutcome, cdr: OpenCdr | undefined): void {
    if (cdr === undefined || outcome.state === cdr.state) return;
    const { recordId, sourceName, startedAt } = cdr.record;
    if (outcome.state === 'unmatched') {
      this.#metrics.unmatched();
      this.#logger.warn({ recordId, sourceName, startedAt }, 'a call of the PBX has not arrived here');
    } else if (cdr.state === 'unmatched' && outcome.state === 'matched')
      this.#logger.info({ recordId, sourceName, callId: outcome.callId }, 'a missing call of the PBX has arrived');
  }
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
