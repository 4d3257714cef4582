import type { LadderMessage, SourceIdentity, SourceRefusal, SourceRemark, SourceState } from '../types.ts';
import type { Ladder } from './ladders.ts';

const mostAddresses = 8;
const mostReasons = 32;

/** One of those that send us something. */
export class Source {
  readonly #identity: SourceIdentity;
  readonly #firstSeenEpochMs: number;
  #lastSeenEpochMs: number;
  /** The newest first. */
  #addresses: readonly string[] = [];
  #callsNow = 0;
  #calls = 0;
  readonly #refused = new Map<string, SourceState['refused'][number]>();
  readonly #remarks = new Map<string, SourceRemark>();
  #ladder: { readonly ladder: Ladder; readonly callId: string | null } | undefined;
  lastCallId: string | null = null;

  constructor(identity: SourceIdentity, nowEpochMs: number) {
    this.#identity = identity;
    this.#firstSeenEpochMs = nowEpochMs;
    this.#lastSeenEpochMs = nowEpochMs;
  }

  get callsNow(): number {
    return this.#callsNow;
  }

  get lastSeenEpochMs(): number {
    return this.#lastSeenEpochMs;
  }

  /** Which of two is let go first. */
  goesBefore(other: Source): boolean {
    const [mine, theirs] = [this.#calls > 0, other.#calls > 0];
    return mine === theirs ? this.#lastSeenEpochMs < other.#lastSeenEpochMs : theirs;
  }

  seen(nowEpochMs: number, address?: string): void {
    this.#lastSeenEpochMs = nowEpochMs;
    if (address === undefined || this.#addresses[0] === address) return;
    this.#addresses = [address, ...this.#addresses.filter((each) => each !== address)].slice(0, mostAddresses);
  }

  begin(): void {
    this.#calls += 1;
    this.#callsNow += 1;
  }

  end(): void {
    this.#callsNow -= 1;
  }

  addRefusal({ reason, remedy }: SourceRefusal, nowEpochMs: number): void {
    const count = (this.#refused.get(reason)?.count ?? 0) + 1;
    setLast(this.#refused, reason, Object.freeze({ reason, remedy, count, lastEpochMs: nowEpochMs }));
  }

  /** Each reason may have several remedies. */
  addRemark({ reason, remedy }: SourceRefusal, lastCallId: string, nowEpochMs: number): void {
    const key = `${reason} ${remedy}`;
    const count = (this.#remarks.get(key)?.count ?? 0) + 1;
    setLast(this.#remarks, key, Object.freeze({ reason, remedy, count, lastEpochMs: nowEpochMs, lastCallId }));
  }

  /** Shows this ladder from now on. @returns the one before. */
  show(ladder: Ladder | undefined, callId: string | null): Ladder | undefined {
    const before = this.#ladder?.ladder;
    this.#ladder = ladder && { ladder, callId };
    return before;
  }

  /** Undefined when what is shown is not of this call. */
  ladderOf(callId: string): Ladder | undefined {
    return this.#ladder?.callId === callId ? this.#ladder.ladder : undefined;
  }

  read(): SourceState {
    const shown = this.#ladder?.ladder;
    let ladder: readonly LadderMessage[] | undefined;
    return Object.freeze({
      ...this.#identity,
      firstSeenEpochMs: this.#firstSeenEpochMs,
      lastSeenEpochMs: this.#lastSeenEpochMs,
      addresses: Object.freeze(this.#addresses),
      callsNow: this.#callsNow,
      calls: this.#calls,
      refused: Object.freeze([...this.#refused.values()].toReversed()),
      remarks: Object.freeze([...this.#remarks.values()].toReversed()),
      lastCallId: this.lastCallId,
      /** Masking takes its time: done for whoever looks. */
      get ladder() {
        return (ladder ??= shown?.read() ?? Object.freeze([]));
      },
    });
  }
}

/** The latest stands last; beyond the bound the oldest goes. */
function setLast<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= mostReasons) return;
  for (const [oldest] of map) {
    map.delete(oldest);
    return;
  }
}
