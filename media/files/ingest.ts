import { stat } from 'node:fs/promises';
import { once } from '#lib/closing.ts';
import { SidetoneError } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import type { Ingest, IngestEntry, IngestLedger, IngestUpload } from '../types.ts';
import { CurrentEntries } from './entries.ts';
import { FileReading, spooledNames, type ReadCapture } from './reading.ts';
import { SoundThread } from './sound/sound-thread.ts';
import { Spool } from './spool.ts';
import { IngestTurns, type TurnsOptions } from './turns.ts';

export interface IngestOptions extends TurnsOptions {
  readonly dataDir: string;
  readonly ledger: IngestLedger;
  readonly readCapture: ReadCapture;
}

type Taken = Awaited<ReturnType<Ingest['take']>>;

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
  readonly #entries: CurrentEntries;
  readonly #turns: IngestTurns;
  /** By content, what is being read through. */
  readonly #taking = new Map<string, Promise<Taken>>();
  #closing = false;
  readonly close: () => Promise<void>;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#spool = new Spool(options.dataDir);
    this.#sound = new SoundThread(options.logger);
    this.#reading = new FileReading(this.#sound, options.readCapture);
    this.#entries = new CurrentEntries(options.ledger, options.logger);
    this.#turns = new IngestTurns(options, {
      entries: this.#entries,
      spool: this.#spool,
      sound: this.#sound,
      reading: this.#reading,
    });
    this.close = once(async () => {
      this.#closing = true;
      this.#entries.close();
      await this.#turns.close();
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
    const left = unfinished.filter(
      ({ sha256 }) => this.#entries.get(sha256) === undefined && !this.#taking.has(sha256),
    );
    for (const entry of left) this.#entries.resume(entry);
    this.#turns.resume(left);
  }

  subscribe(listener: (entry: IngestEntry) => void): () => void {
    return this.#entries.subscribe(listener);
  }

  find(sha256: string): Promise<IngestEntry | undefined> {
    return this.#entries.find(sha256);
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
    const { files, swap, sourceName, handedInBy = null, phrases = [] } = upload;
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
      phrases,
    } as const);
    await this.#entries.add(entry);
    this.#turns.enqueue(sha256, contents);
    return { entry, isNew: true };
  }
}
