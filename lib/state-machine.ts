/** The one setter of a state machine: every transition is checked against what its specification allows. */
export class StateMachine<State extends string> {
  #state: State;
  readonly #legal: Readonly<Record<State, readonly State[]>>;

  constructor(start: State, legal: Readonly<Record<State, readonly State[]>>) {
    this.#state = start;
    this.#legal = legal;
  }

  get state(): State {
    return this.#state;
  }

  enter(next: State): void {
    if (!this.#legal[this.#state].includes(next)) throw new Error(`no transition from ${this.#state} to ${next}`);
    this.#state = next;
  }
}
