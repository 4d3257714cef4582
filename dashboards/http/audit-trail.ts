import type { Actor, Database, Json } from '#db/types.ts';
import { SidetoneError, hasCode } from '#lib/errors.ts';
import type { Clock } from '#lib/clock.ts';
import type { AuditAction } from './audit-actions.ts';
import type { AuditTarget } from './route.ts';

export interface TrailEntry {
  readonly actor: Actor;
  readonly action: AuditAction;
  readonly target: AuditTarget | null;
  readonly detail: Readonly<Record<string, Json>>;
  readonly address: string;
  readonly outcome: 'allowed' | 'refused';
  /** Now, when not said. */
  readonly atEpochMs?: number;
}

/** The one way by which this stage writes evidence. */
export class AuditTrail {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Resolves once the row is committed. @throws SidetoneError `audit-write-failed` */
  async write(entry: TrailEntry): Promise<void> {
    try {
      await this.#database.audit.append({
        actor: entry.actor,
        action: entry.action,
        target: entry.target,
        detail: entry.detail,
        sourceIp: entry.address,
        atEpochMs: entry.atEpochMs ?? this.#clock.nowEpochMs(),
        outcome: entry.outcome,
      });
    } catch (thrown) {
      if (hasCode(thrown, 'audit-write-failed')) throw thrown;
      throw new SidetoneError('audit-write-failed', 'this cannot be put on record now, so it is refused', {
        cause: thrown,
      });
    }
  }
}
