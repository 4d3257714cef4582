import type { TalkSide } from '#sip/types.ts';
import type { RedactionRow } from './types.ts';

/**
 * Gathers masked stretches into rows: pieces of one number make one, so that neither digits nor their number can be read
 * from rows. A row is given once no more can join it.
 */
export class RowGatherer {
  readonly #joinWithinMs: number;
  #pending: Partial<Record<TalkSide, RedactionRow>> = {};

  constructor(joinWithinMs: number) {
    this.#joinWithinMs = joinWithinMs;
  }

  add(row: RedactionRow & { readonly side: TalkSide }): RedactionRow[] {
    const pending = this.#pending[row.side];
    const joins =
      pending !== undefined &&
      row.startMs - pending.endMs <= this.#joinWithinMs &&
      (pending.kind === row.kind || row.kind === 'digits' || pending.kind === 'digits');
    if (!joins) {
      this.#pending[row.side] = row;
      return pending ? [pending] : [];
    }
    this.#pending[row.side] = {
      ...pending,
      kind: pending.kind === 'digits' ? row.kind : pending.kind,
      reason: pending.kind === 'digits' ? row.reason : pending.reason,
      startMs: Math.min(pending.startMs, row.startMs),
      endMs: Math.max(pending.endMs, row.endMs),
    };
    return [];
  }

  /** The rows that nothing after `decidedMs` can join. */
  settle(decidedMs: number): RedactionRow[] {
    const settled: RedactionRow[] = [];
    for (const side of ['caller', 'callee'] as const) {
      const pending = this.#pending[side];
      if (!pending || decidedMs - pending.endMs <= this.#joinWithinMs) continue;
      settled.push(pending);
      delete this.#pending[side];
    }
    return settled;
  }
}
