import type { StoreOp } from '#analytics/types.ts';
import { callIdOf, textKeyOf } from './keys.ts';
import type { Segment } from './segment.ts';

/** One record on disk. `settled`: stored, or set aside; `void`: wiped, nothing to store. */
export interface JournalEntry {
  readonly segment: Segment;
  readonly offset: number;
  readonly bytes: number;
  readonly callId: string;
  readonly textKey: string | null;
  state: 'pending' | 'settled' | 'void';
}

/** What is in the files: every record of every file that is still there, the oldest first. */
export class JournalEntries {
  #entries: JournalEntry[] = [];
  /** Those before it are no longer pending. */
  #head = 0;
  /** The record that holds the text of a key, while it is on disk. */
  readonly #byTextKey = new Map<string, JournalEntry>();
  #pendingOps = 0;
  #pendingBytes = 0;

  get pendingOps(): number {
    return this.#pendingOps;
  }
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** The youngest pending entry: once it is settled, so is everything before it. */
  get lastPending(): JournalEntry | undefined {
    return this.#entries.findLast((entry) => entry.state === 'pending');
  }

  *pending(): Generator<JournalEntry> {
    for (let at = this.#head; at < this.#entries.length; at += 1) {
      const entry = this.#entries[at];
      if (entry?.state === 'pending') yield entry;
    }
  }

  ofCall(callId: string): readonly JournalEntry[] {
    return this.#entries.filter((entry) => entry.callId === callId && entry.state !== 'void');
  }

  ofText(textKey: string): JournalEntry | undefined {
    return this.#byTextKey.get(textKey);
  }

  add(op: StoreOp, place: Pick<JournalEntry, 'segment' | 'offset' | 'bytes'>): void {
    const entry: JournalEntry = { ...place, callId: callIdOf(op), textKey: textKeyOf(op), state: 'pending' };
    this.#entries.push(entry);
    if (entry.textKey !== null) this.#byTextKey.set(entry.textKey, entry);
    entry.segment.unsettled += 1;
    this.#pendingOps += 1;
    this.#pendingBytes += entry.bytes;
  }

  leave(entry: JournalEntry, state: 'settled' | 'void'): void {
    if (entry.state === 'void') return;
    if (entry.state === 'pending') {
      entry.segment.unsettled -= 1;
      this.#pendingOps -= 1;
      this.#pendingBytes -= entry.bytes;
    }
    entry.state = state;
    if (state === 'void') this.#forgetText(entry);
  }

  /** Forgets what was in files that are gone. */
  drop(segments: readonly Segment[]): void {
    this.#entries = this.#entries.filter((entry) => {
      if (!segments.includes(entry.segment)) return true;
      this.#forgetText(entry);
      return false;
    });
    this.#head = 0;
  }

  /** Moves past what is no longer pending. */
  advance(): void {
    while (this.#entries[this.#head] !== undefined && this.#entries[this.#head]?.state !== 'pending') this.#head += 1;
  }

  #forgetText(entry: JournalEntry): void {
    const { textKey } = entry;
    if (textKey !== null && this.#byTextKey.get(textKey) === entry) this.#byTextKey.delete(textKey);
  }
}
