/** A round over all calls takes so many turns. */
const turnsPerRound = 10;

/** Calls in turn, a few each time, so that packets never wait for all of them. */
export class CallRounds<Call> {
  readonly #calls: ReadonlyMap<string, Call>;
  #round: Iterator<Call> | undefined;
  #callsPerTurn = 0;

  constructor(calls: ReadonlyMap<string, Call>) {
    this.#calls = calls;
  }

  turn(each: (call: Call) => void): void {
    if (this.#round === undefined) {
      this.#round = this.#calls.values();
      this.#callsPerTurn = Math.max(1, Math.ceil(this.#calls.size / turnsPerRound));
    }
    for (let i = 0; i < this.#callsPerTurn; i++) {
      const next = this.#round.next();
      if (next.done === true) {
        this.#round = undefined;
        return;
      }
      each(next.value);
    }
  }
}
