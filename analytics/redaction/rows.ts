import { partySides, type ChannelSide } from '#sip/types.ts';
import type { RedactionRow } from './types.ts';

type Stretch = Omit<RedactionRow, 'row' | 'side'> & { readonly side: ChannelSide };
interface Pending {
  readonly first: RedactionRow;
  readonly grown: RedactionRow;
}

/** Numbers the rows of a call. */
export class RowNumbers {
  #next = 0;

  number(stretch: Omit<RedactionRow, 'row'>): RedactionRow {
    return { ...stretch, row: this.#next++ };
  }
}

/**
 * Gathers masked stretches into rows: pieces of one number make one, so that neither digits nor their number can be read
 * from rows. A row is given as it begins, so that it is seen while the number is being said, and once more when no more
 * can join it: never in between, for its steps would tell the pieces.
 */
export class RowGatherer {
  readonly #joinWithinMs: number;
  readonly #numbers: RowNumbers;
  #pending: Partial<Record<ChannelSide, Pending>> = {};

  constructor(joinWithinMs: number, numbers: RowNumbers) {
    this.#joinWithinMs = joinWithinMs;
    this.#numbers = numbers;
  }

  add(stretch: Stretch): RedactionRow[] {
    const { side } = stretch;
    const pending = this.#pending[side];
    const { grown } = pending ?? {};
    const joins =
      grown !== undefined &&
      stretch.startMs - grown.endMs <= this.#joinWithinMs &&
      (grown.kind === stretch.kind || stretch.kind === 'digits' || grown.kind === 'digits');
    if (pending === undefined || !joins) {
      const first = this.#numbers.number(stretch);
      this.#pending[side] = { first, grown: first };
      return pending ? [...whole(pending), first] : [first];
    }
    const named = grown.kind === 'digits' ? stretch : grown;
    this.#pending[side] = {
      first: pending.first,
      grown: {
        ...grown,
        kind: named.kind,
        reason: named.reason,
        startMs: Math.min(grown.startMs, stretch.startMs),
        endMs: Math.max(grown.endMs, stretch.endMs),
      },
    };
    return [];
  }

  /** The rows that nothing after `decidedMs` can join, those that have grown. */
  settle(decidedMs: number): RedactionRow[] {
    const settled: RedactionRow[] = [];
    for (const side of partySides) {
      const pending = this.#pending[side];
      if (!pending || decidedMs - pending.grown.endMs <= this.#joinWithinMs) continue;
      settled.push(...whole(pending));
      delete this.#pending[side];
    }
    return settled;
  }
}

function whole({ first, grown }: Pending): RedactionRow[] {
  return grown === first ? [] : [grown];
}
