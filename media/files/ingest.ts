import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { BackgroundTasks, once } from '#lib/closing.ts';
import type { Clock } from '#lib/clock.ts';
import { Emitter } from '#lib/emitter.ts';
import { hasCode, SidetoneError, toError } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import type { CallIntake } from '#sip/types.ts';
import type { Ingest, IngestEntry, IngestLedger, IngestUpload } from '../types.ts';
import { IngestJob, type MediaEvents } from './ingest-job.ts';
import { FileReading, spooledNames, type Contents, type ReadCapture } from './reading.ts';
import { SoundThread } from './sound/sound-thread.ts';
import { Spool } from './spool.ts';

export interface IngestOptions {
  readonly dataDir: string;
  readonly intake: CallIntake;
  readonly media: MediaEvents;
  readonly ledger: IngestLedger;
  readonly readCapture: ReadCapture;
  /** Removes all that an interrupted run has stored of a call, so that it can be played anew under its id. */
  readonly discard: (callId: string) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Files that are played at once. */
  readonly concurrency: number;
}

type Taken = Awaited<ReturnType<Ingest['take']>>;

/** How often a running entry is saved, so that those who look at the ledger alone see it move. */
const saveEveryMs = 10_000;
const keepRetryMs = 1000;

/**
 * Files that wait to become calls. Each is read through before it is taken; then it waits its turn, is played as fast as
 * recognition takes it, and its place is in the ledger throughout: a server that is killed begins it anew, from the
 * start and under the ids that were told, once what the interrupted run stored has been removed. (Not from where it
 * stopped: recogniser and redaction carry a state over a call that no file holds.)
 */
export class FileIngest implements Ingest {
  readonly #options: IngestOptions;
  readonly #spool: Spool;
  readonly #sound: SoundThread;
  readonly #reading: FileReading;
  readonly #changes: Emitter<IngestEntry>;
  readonly #tasks: BackgroundTasks;
  /** Those that wait or run, as of now. */
  readonly #current = new Map<string, IngestEntry>();
  /** By content, what is being read through. */
  readonly #taking = new Map<string, Promise<Taken>>();
  readonly #waiting: { readonly sha256: string; readonly contents: Contents }[] = [];
  readonly #running = new Set<IngestJob>();
  #closing = false;
  readonly close: () => Promise<void>;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#spool = new Spool(options.dataDir);
    this.#sound = new SoundThread(options.logger);
    this.#reading = new FileReading(this.#sound, options.readCapture);
    this.#changes = new Emitter((err) => options.logger.error({ err }, 'a listener of ingest failed'));
    this.#tasks = new BackgroundTasks((err) => options.logger.error({ err }, 'an ingest task failed'));
    this.close = once(async () => {
      this.#closing = true;
      for (const job of this.#running) job.stop();
      await this.#tasks.settle();
      await this.#sound.close();
    });
  }

  get spoolDir(): string {
    return this.#spool.dir;
  }

  /** Makes the spool: uploads may come from now on. */
  async open(): Promise<void> {
    await this.#spool.open();
  }

  /** Takes up what an earlier server did not finish, once the ledger can be read. */
  async resume(): Promise<void> {
    const unfinished = await this.#options.ledger.unfinished();
    await this.#spool.removeLeft(new Set(unfinished.flatMap(({ spooled }) => spooled)));
    // Others may have been taken meanwhile.
    const left = unfinished.filter(({ sha256 }) => !this.#current.has(sha256) && !this.#taking.has(sha256));
    for (const entry of left) this.#current.set(entry.sha256, entry);
    this.#tasks.add(this.#resumeAll(left));
  }

  subscribe(listener: (entry: IngestEntry) => void): () => void {
    return this.#changes.subscribe(listener);
  }

  async find(sha256: string): Promise<IngestEntry | undefined> {
    return this.#current.get(sha256) ?? (await this.#options.ledger.find(sha256));
  }

  async take(upload: IngestUpload): Promise<Taken> {
    const spooled = spooledNames(upload, this.#spool.dir, (name) => this.#spool.path(name));
    let keep = false;
    try {
      if (this.#closing) throw new SidetoneError('server-draining', 'no new files: shutting down');
      const sha256 = await this.#reading.hash(upload.files.map(({ path }) => path));
      // The same content may come twice at once.
      const twin = this.#taking.get(sha256);
      if (twin !== undefined) return { entry: (await twin).entry, isNew: false };
      const taking = this.#takeContent(upload, spooled, sha256);
      this.#taking.set(sha256, taking);
      const taken = await taking.finally(() => this.#taking.delete(sha256));
      keep = taken.isNew;
      return taken;
    } finally {
      if (!keep) await this.#spool.remove(spooled);
    }
  }

  async #takeContent(upload: IngestUpload, spooled: readonly string[], sha256: string): Promise<Taken> {
    const known = await this.find(sha256);
    if (known !== undefined && known.state !== 'failed') return { entry: known, isNew: false };
    const { files, swap, sourceName, handedInBy = null } = upload;
    const contents = await this.#reading.contents(
      files.map(({ path }) => path),
      swap,
    );
    let bytes = 0;
    for (const { path } of files) bytes += (await stat(path)).size;
    for (const callId of known?.callIds ?? []) await this.#options.discard(callId);
    const takenEpochMs = this.#options.clock.nowEpochMs();
    const count = contents.kind === 'sound' ? 1 : contents.calls.length;
    const entry: IngestEntry = Object.freeze({
      sha256,
      names: Object.freeze(files.map(({ name }) => name)),
      bytes,
      spooled: Object.freeze([...spooled]),
      swap,
      startedAtEpochMs: upload.startedAtEpochMs ?? takenEpochMs,
      sourceName,
      callIds: Object.freeze(Array.from({ length: count }, () => newId(takenEpochMs))),
      takenEpochMs,
      state: 'waiting',
      durationMs: contents.durationMs,
      doneMs: 0,
      hoursPerHour: null,
      fault: null,
      handedInBy,
    } as const);
    await this.#options.ledger.save(entry);
    this.#current.set(sha256, entry);
    this.#changes.emit(entry);
    this.#enqueue(sha256, contents);
    return { entry, isNew: true };
  }

  async #resumeAll(left: readonly IngestEntry[]): Promise<void> {
    for (const { sha256, callIds, spooled, swap } of left) {
      if (this.#closing) return;
      try {
        for (const callId of callIds) await this.#withDatabase(() => this.#options.discard(callId));
        const paths = spooled.map((name) => this.#spool.path(name));
        this.#enqueue(sha256, await this.#reading.contents(paths, swap));
      } catch (thrown) {
        // A server that closes meanwhile leaves it to the next.
        if (!this.#closing) await this.#finish(sha256, toError(thrown).message);
      }
    }
  }

  #enqueue(sha256: string, contents: Contents): void {
    this.#waiting.push({ sha256, contents });
    this.#pump();
  }

  #pump(): void {
    while (!this.#closing && this.#running.size < this.#options.concurrency) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const entry = this.#current.get(next.sha256);
      if (entry !== undefined) this.#tasks.add(this.#run(entry, next.contents));
    }
  }

  async #run(entry: IngestEntry, contents: Contents): Promise<void> {
    const { intake, media, clock, logger } = this.#options;
    const { sha256 } = entry;
    const begunMs = clock.nowMs();
    let savedMs = begunMs;
    let saved: Promise<void> = Promise.resolve();
    const onProgress = (doneMs: number): void => {
      const nowMs = clock.nowMs();
      const changed = this.#change(sha256, { doneMs, hoursPerHour: doneMs / Math.max(1, nowMs - begunMs) });
      if (nowMs - savedMs < saveEveryMs) return;
      savedMs = nowMs;
      saved = this.#options.ledger.save(changed);
      this.#tasks.add(saved);
    };
    const job = new IngestJob({ intake, media, sound: this.#sound, entry, onProgress });
    this.#running.add(job);
    try {
      await this.#keep(this.#change(sha256, { state: 'running' }));
      const end = await job.run(contents);
      // One that is slow must not come after the last: the next server would take the file for unfinished.
      await saved.catch(() => undefined);
      if (end === 'stopped') return;
      const hoursPerHour = entry.durationMs / Math.max(1, clock.nowMs() - begunMs);
      this.#change(sha256, { doneMs: entry.durationMs, hoursPerHour });
      await this.#finish(sha256, end === 'done' ? null : `ended early: ${end}`);
      logger.info({ callIds: entry.callIds, durationMs: entry.durationMs, hoursPerHour, end }, 'file taken in');
    } catch (thrown) {
      if (this.#closing) return;
      logger.error({ err: toError(thrown), callIds: entry.callIds }, 'file could not be taken in');
      await this.#finish(sha256, toError(thrown).message);
    } finally {
      this.#running.delete(job);
      this.#pump();
    }
  }

  async #finish(sha256: string, fault: string | null): Promise<void> {
    const { spooled } = this.#current.get(sha256) ?? { spooled: [] };
    const entry = this.#change(sha256, { state: fault === null ? 'done' : 'failed', fault, spooled: [] });
    await this.#keep(entry);
    this.#current.delete(sha256);
    await this.#spool.remove(spooled);
  }

  #keep(entry: IngestEntry): Promise<void> {
    return this.#withDatabase(() => this.#options.ledger.save(entry));
  }

  /** The database may be away for a while: the call itself does not wait for it either. */
  async #withDatabase(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await work();
        return;
      } catch (thrown) {
        if (!hasCode(thrown, 'database-unavailable') || this.#closing) throw thrown;
        await setTimeout(keepRetryMs);
      }
    }
  }

  #change(sha256: string, changes: Partial<IngestEntry>): IngestEntry {
    const before = this.#current.get(sha256);
    if (before === undefined) throw new Error('an entry that is not there');
    const entry = Object.freeze({ ...before, ...changes });
    this.#current.set(sha256, entry);
    this.#changes.emit(entry);
    return entry;
  }
}
