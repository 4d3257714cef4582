import { setTimeout } from 'node:timers/promises';
import { Emitter, type Listener } from '#lib/emitter.ts';
import { hasCode } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { IngestEntry, IngestLedger } from '../types.ts';

const keepRetryMs = 1000;

/** The entries that wait or run, as of now: every change is told, and kept in the ledger. */
export class CurrentEntries {
  readonly #ledger: IngestLedger;
  readonly #changes: Emitter<IngestEntry>;
  readonly #current = new Map<string, IngestEntry>();
  #closing = false;

  constructor(ledger: IngestLedger, logger: Logger) {
    this.#ledger = ledger;
    this.#changes = new Emitter((err) => logger.error({ err }, 'a listener of ingest failed'));
  }

  subscribe(listener: Listener<IngestEntry>): () => void {
    return this.#changes.subscribe(listener);
  }

  /** One that waits or runs. */
  get(sha256: string): IngestEntry | undefined {
    return this.#current.get(sha256);
  }

  /** One that waits or runs, or is over. */
  async find(sha256: string): Promise<IngestEntry | undefined> {
    return this.#current.get(sha256) ?? (await this.#ledger.find(sha256));
  }

  /** Of an earlier server; it is in the ledger. */
  resume(entry: IngestEntry): void {
    this.#current.set(entry.sha256, entry);
  }

  /** A new one. @throws SidetoneError `database-unavailable`: it is not taken */
  async add(entry: IngestEntry): Promise<void> {
    await this.#ledger.save(entry);
    this.#current.set(entry.sha256, entry);
    this.#changes.emit(entry);
  }

  change(sha256: string, changes: Partial<IngestEntry>): IngestEntry {
    const before = this.#current.get(sha256);
    if (before === undefined) throw new Error('an entry that is not there');
    const entry = Object.freeze({ ...before, ...changes });
    this.#current.set(sha256, entry);
    this.#changes.emit(entry);
    return entry;
  }

  /** As it is now; for those who look at the ledger alone. */
  save(entry: IngestEntry): Promise<void> {
    return this.#ledger.save(entry);
  }

  /** As `save`, however long the database is away. */
  keep(entry: IngestEntry): Promise<void> {
    return this.withDatabase(() => this.#ledger.save(entry));
  }

  /** It is over: only the ledger has it from now on. */
  async finish(sha256: string, changes: Partial<IngestEntry>): Promise<void> {
    await this.keep(this.change(sha256, changes));
    this.#current.delete(sha256);
  }

  /** The database may be away for a while: the call itself does not wait for it either. */
  async withDatabase(work: () => Promise<void>): Promise<void> {
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

  /** Nobody waits for the database any more. */
  close(): void {
    this.#closing = true;
  }
}
