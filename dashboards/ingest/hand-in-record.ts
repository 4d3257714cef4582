import type { Actor, ActorKind, Database } from '#db/types.ts';
import { once } from '#lib/closing.ts';
import { toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { HandedIn, IngestEntry } from '#media/types.ts';
import { claimOf } from '../auth/on-behalf-of.ts';
import type { AuditTrail } from '../http/audit-trail.ts';
import type { HttpServerOptions } from '../types.ts';

const retryMs = 1000;

export interface HandInRecordParts {
  readonly database: Pick<Database, 'ingest' | 'ready' | 'onReadiness'>;
  readonly trail: AuditTrail;
  readonly masks: HttpServerOptions['masks'];
  readonly logger: Logger;
}

/**
 * "Where does this call come from?": a row `call-ingested` for each call of a file. Once the file is taken its calls come
 * whether or not the row can be written in that moment, so the ledger keeps, from the same transaction that takes the
 * file, who handed it in, and for which calls the row is still to come. Those are written at once, else every second
 * until the database takes them, also by a server that was started anew. A row whose fate was unknown when the server
 * died may stand twice; none is missing.
 */
export class HandInRecord {
  readonly #parts: HandInRecordParts;
  readonly #stopListening: () => void;
  /** Looks follow each other, or two would write the same row. */
  #last: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(parts: HandInRecordParts) {
    this.#parts = parts;
    this.#stopListening = parts.database.onReadiness(({ ready }) => {
      if (ready) void this.write();
    });
    if (parts.database.ready) void this.write();
  }

  /** Resolves when what was missing before has been tried. Never throws. */
  write(): Promise<void> {
    this.#last = this.#last.then(() => this.#writeMissing());
    return this.#last;
  }

  close = once(async () => {
    this.#closing = true;
    this.#stopListening();
    clearTimeout(this.#retry);
    await this.#last;
  });

  async #writeMissing(): Promise<void> {
    const { database, logger } = this.#parts;
    try {
      for (;;) {
        const missing = await database.ingest.unrecorded();
        if (missing.length === 0) return;
        for (const { entry, callIds } of missing) {
          for (const callId of callIds) await this.#writeOne(entry, callId);
        }
      }
    } catch (thrown) {
      logger.warn({ err: toError(thrown) }, 'who handed a file in cannot be put on record yet');
      clearTimeout(this.#retry);
      if (!this.#closing) this.#retry = setTimeout(() => void this.write(), retryMs).unref();
    }
  }

  async #writeOne(entry: IngestEntry, callId: string): Promise<void> {
    const { database, trail, masks } = this.#parts;
    const { sha256, names, handedInBy, takenEpochMs } = entry;
    if (handedInBy !== null) {
      await trail.write({
        actor: actorOf(handedInBy),
        action: 'call-ingested',
        target: { kind: 'call', id: callId },
        detail: { sha256, names: names.map((name) => masks.query(name)), ...claimOf(handedInBy.onBehalfOf) },
        address: handedInBy.address,
        outcome: 'allowed',
        atEpochMs: takenEpochMs,
      });
    }
    await database.ingest.recorded(sha256, callId);
  }
}

/** As this stage had it kept. */
function actorOf({ actor }: HandedIn): Actor {
  return { ...actor, kind: actor.kind as ActorKind };
}
