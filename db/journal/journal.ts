import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreOp } from '#analytics/types.ts';
import { storableJson } from '../storable.ts';
import { JournalEntries, type JournalEntry } from './entries.ts';
import { parseOp, textKeyOf } from './keys.ts';
import { decodeRecord, encodeRecord, scanRecords, voidRecord } from './record.ts';
import { Segment } from './segment.ts';

export interface JournalBatch {
  readonly entries: readonly JournalEntry[];
  readonly ops: readonly StoreOp[];
}

const segmentBytes = 4 << 20;
/**
 * The last part of the limit is kept for ops that others hang on: the row of a call, without which the database refuses
 * all others of it, and what takes text away, which must not stay for want of room.
 */
const reservedShare = 1 / 16;
const reservedFor: ReadonlySet<StoreOp['op']> = new Set(['call', 'rewrite-utterance']);
const namePattern = /^\d{8}\.segment$/;

/**
 * The write-ahead journal: ops go to a segment file before anything else and leave it once they are stored. Order is
 * kept. Ops are read back from the file when their turn comes, so that a long outage costs disk and not memory.
 */
export class Journal {
  readonly #dir: string;
  readonly #limitBytes: number;
  #segments: Segment[] = [];
  #nextNumber = 1;
  readonly #entries = new JournalEntries();
  #closed = false;
  /** Records that could not be read: at the start, or when their turn came. */
  damagedRecords = 0;

  /** Opens the folder and takes up what an earlier process left. @throws what the disk says */
  constructor(dir: string, limitBytes: number) {
    this.#dir = dir;
    this.#limitBytes = limitBytes;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(dir)
      .filter((file) => namePattern.test(file))
      .sort()) {
      const segment = new Segment(join(dir, name));
      const found = scanRecords(readFileSync(segment.path));
      this.damagedRecords += found.damaged;
      for (const record of found.records) {
        const op = parseOp(record.json);
        if (op === undefined) this.damagedRecords += 1;
        else this.#entries.add(op, { segment, offset: record.offset, bytes: record.bytes });
      }
      this.#nextNumber = Number(name.slice(0, 8)) + 1;
      if (segment.unsettled > 0) this.#segments.push(segment);
      else segment.remove();
    }
    // A fresh file: nothing is ever appended behind a torn tail.
    this.#startSegment();
  }

  get pendingOps(): number {
    return this.#entries.pendingOps;
  }
  get pendingBytes(): number {
    return this.#entries.pendingBytes;
  }

  /**
   * @returns false when the limit leaves no room, or it is closed
   * @throws what the disk says; nothing was kept then
   */
  append(op: StoreOp): boolean {
    if (this.#closed) return false;
    const textKey = textKeyOf(op);
    const outdated = textKey === null ? undefined : this.#entries.ofText(textKey);
    if (outdated !== undefined) this.#wipe(outdated);
    const record = encodeRecord(storableJson(op));
    // A finding of a known key may take text away too.
    const reserved = reservedFor.has(op.op) || outdated !== undefined;
    const roomBytes = reserved ? this.#limitBytes : this.#limitBytes * (1 - reservedShare);
    if (this.pendingBytes + record.length > roomBytes) return false;
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.bytes >= segmentBytes) segment = this.#startSegment();
    this.#entries.add(op, { segment, offset: segment.append(record), bytes: record.length });
    return true;
  }

  /** The oldest pending ops, at most so many; the same again until they are settled. */
  peek(maxOps: number, maxBytes: number): JournalBatch {
    const entries: JournalEntry[] = [];
    const ops: StoreOp[] = [];
    let bytes = 0;
    for (const entry of this.#entries.pending()) {
      if (ops.length >= maxOps || bytes >= maxBytes) break;
      const json = decodeRecord(entry.segment.read(entry.offset, entry.bytes));
      const op = json === undefined ? undefined : parseOp(json);
      if (op === undefined) {
        // The disk changed under us: there is nothing to store.
        this.damagedRecords += 1;
        this.#entries.leave(entry, 'void');
        continue;
      }
      entries.push(entry);
      ops.push(op);
      bytes += entry.bytes;
    }
    return { entries, ops };
  }

  settle(entries: readonly JournalEntry[]): void {
    for (const entry of entries) this.#entries.leave(entry, 'settled');
    this.#tidy();
  }

  /** Wipes all that the journal still holds of a call. @returns ops that were still pending */
  forgetCall(callId: string): number {
    const before = this.pendingOps;
    for (const entry of this.#entries.ofCall(callId)) this.#wipe(entry);
    this.#tidy();
    return before - this.pendingOps;
  }

  /** Wipes of a call what is stored already, which else stays in its file until all of that is. */
  wipeStored(callId: string): void {
    for (const entry of this.#entries.ofCall(callId)) if (entry.state === 'settled') this.#wipe(entry);
  }

  /** Is something of the call still to be stored? */
  awaits(callId: string): boolean {
    return this.#entries.ofCall(callId).some((entry) => entry.state === 'pending');
  }

  get lastPending(): JournalEntry | undefined {
    return this.#entries.lastPending;
  }

  close(): void {
    this.#closed = true;
    for (const segment of this.#segments) {
      if (segment.unsettled > 0) segment.close();
      else segment.remove();
    }
    this.#segments = [];
  }

  /** Settled records are wiped too: they stay in the file until all of it is done. */
  #wipe(entry: JournalEntry): void {
    if (entry.state === 'void') return;
    entry.segment.overwrite(voidRecord(entry.bytes), entry.offset);
    this.#entries.leave(entry, 'void');
  }

  #startSegment(): Segment {
    const name = `${String(this.#nextNumber).padStart(8, '0')}.segment`;
    const segment = new Segment(join(this.#dir, name));
    this.#nextNumber += 1;
    this.#segments.push(segment);
    return segment;
  }

  /** Removes the files with nothing pending; the last one is emptied and used on. */
  #tidy(): void {
    this.#entries.advance();
    const last = this.#segments.at(-1);
    const done = this.#segments.filter((segment) => segment.unsettled === 0 && segment.bytes > 0);
    if (done.length === 0) return;
    for (const segment of done) {
      if (segment === last) segment.empty();
      else segment.remove();
    }
    this.#segments = this.#segments.filter((segment) => segment === last || !done.includes(segment));
    this.#entries.drop(done);
  }
}
