import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock } from '#lib/clock.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import { describeFailure } from '../connection/failures.ts';
import type { Schema } from '../schema.ts';
import type { AuditEntry } from '../types.ts';
import { chainHash, contentDigest, contentOf, saltBytes } from './chain.ts';
import type { Head, HeadFile } from './head-file.ts';
import type { HeadSigner } from './signing.ts';

const groupRows = 200;
/** Beyond this many waiting, refusing is kinder than waiting. */
const maxWaiting = 5_000;

interface Waiting {
  readonly content: string;
  readonly resolve: (row: { readonly sequence: number }) => void;
  readonly reject: (error: Error) => void;
}

export interface AppenderTools {
  readonly db: Kysely<Schema>;
  readonly signer: HeadSigner;
  readonly headFile: HeadFile;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Appends rows in groups: what comes while one commit is under way shares the next. */
export class AuditAppender {
  readonly #tools: AppenderTools;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(tools: AppenderTools) {
    this.#tools = tools;
  }

  append(entry: AuditEntry): Promise<{ readonly sequence: number }> {
    if (this.#waiting.length >= maxWaiting)
      return Promise.reject(new SidetoneError('audit-write-failed', 'too many audit rows wait'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ content: contentOf(entry), resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits. */
  async settle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Those who ask in the same turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, groupRows);
      try {
        const head = await this.#commit(group);
        this.#keepOutside(head);
        group.forEach((each, index) => each.resolve({ sequence: head.sequence - group.length + 1 + index }));
      } catch (thrown) {
        this.#tools.metrics.counter('sidetone_db_audit_failures_total', 'Audit rows not written.').add(group.length);
        this.#tools.logger.error({ trouble: describeFailure(thrown), rows: group.length }, 'audit rows not written');
        for (const each of group)
          each.reject(new SidetoneError('audit-write-failed', 'the audit row was not written', { cause: thrown }));
      }
    }
    // In the same turn as the last look at what waits: whoever comes now starts the next run.
    this.#running = undefined;
  }

  #commit(group: readonly Waiting[]): Promise<Head> {
    const { db, signer } = this.#tools;
    return db.transaction().execute(async (trx) => {
      const start = await trx
        .selectFrom('audit_head')
        .select(['sequence', 'hash'])
        .where('id', '=', 1)
        .forUpdate()
        .executeTakeFirstOrThrow();
      let { sequence, hash } = start;
      const rows = group.map(({ content }) => {
        const salt = randomBytes(saltBytes);
        const digest = contentDigest(salt, content);
        sequence += 1;
        hash = chainHash(hash, sequence, digest);
        return { sequence, content, salt, content_digest: digest, hash, signature: signer.sign(sequence, hash) };
      });
      await trx.insertInto('audit_log').values(rows).execute();
      await trx.updateTable('audit_head').set({ sequence, hash }).where('id', '=', 1).execute();
      return { sequence, hash, signature: rows.at(-1)?.signature ?? Buffer.alloc(0) };
    });
  }

  /** The row is committed whether or not this succeeds: the next append, or the next start, brings the file up. */
  #keepOutside(head: Head): void {
    try {
      this.#tools.headFile.write(head, this.#tools.clock.nowEpochMs());
    } catch (thrown) {
      this.#tools.logger.error({ err: toError(thrown) }, 'the audit head could not be kept outside the database');
    }
  }
}
