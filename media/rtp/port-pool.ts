/**
 * Even/odd pairs of UDP ports, named by their even port. The longest unused pair is lent next; a returned pair rests
 * before it is lent again, so that late packets of an old call never reach a new one.
 */
export class PortPool {
  readonly #quarantineMs: number;
  /** Free pairs, oldest first; and when each may be lent, in the same order. */
  readonly #ports: number[] = [];
  readonly #freeAtMs: number[] = [];
  #lent = 0;

  /** `first` even, `last` odd (lib/config `parsePortRange`). `startAt`: the pair to be lent first, if it is within. */
  constructor(first: number, last: number, quarantineMs: number, startAt = first) {
    this.#quarantineMs = quarantineMs;
    const pairs = Math.floor((last - first + 1) / 2);
    const skipped = startAt > first && startAt < last ? Math.floor((startAt - first) / 2) : 0;
    for (let i = 0; i < pairs; i++) {
      this.#ports.push(first + 2 * ((i + skipped) % pairs));
      this.#freeAtMs.push(-Infinity);
    }
  }

  /** The even port of a pair, or undefined when every pair is lent or rests. */
  take(nowMs: number): number | undefined {
    const freeAtMs = this.#freeAtMs[0];
    if (freeAtMs === undefined || freeAtMs > nowMs) return undefined;
    this.#freeAtMs.shift();
    this.#lent++;
    return this.#ports.shift();
  }

  /** After use, and also when the pair could not be bound: somebody else has it, so it is not tried again at once. */
  giveBack(port: number, nowMs: number): void {
    this.#ports.push(port);
    this.#freeAtMs.push(nowMs + this.#quarantineMs);
    this.#lent--;
  }

  get lent(): number {
    return this.#lent;
  }

  get waiting(): number {
    return this.#ports.length;
  }
}

/** Cuts a range into one contiguous part a worker, each of whole pairs. */
export function splitPortRange(
  range: { readonly first: number; readonly last: number },
  parts: number,
): { readonly first: number; readonly last: number }[] {
  const pairs = Math.floor((range.last - range.first + 1) / 2);
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((pairs * part) / parts);
    const to = Math.floor((pairs * (part + 1)) / parts);
    return { first: range.first + 2 * from, last: range.first + 2 * to - 1 };
  });
}
