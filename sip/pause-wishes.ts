/**
 * Who, within a call, may want its recording paused. `dtmf`: keys, whoever pressed them. `caller`, `callee`: an INFO of
 * that leg. `siprec`: the recording client made every stream inactive. `siprec-info`: it said so in an INFO.
 * `siprec-exclude`: somebody takes part who must not be recorded.
 */
export type PauseWisher = 'dtmf' | 'caller' | 'callee' | 'siprec' | 'siprec-info' | 'siprec-exclude';

/** What a person in charge may lift besides their own: the sender of a copy knows why it sends nothing. */
const liftedByPeople: readonly PauseWisher[] = ['dtmf', 'caller', 'callee'];

/**
 * One call is paused for as long as anybody wants it. Each lifts what it has asked for itself: no key and no INFO undoes
 * a pause that was asked for by name (API, page, command line). Whoever resumes by name lifts every such pause, whoever
 * asked for it, and those of keys and legs, which have nobody else to lift them once their key is forgotten; not those of
 * a recording client.
 */
export class PauseWishes {
  readonly #wishes = new Set<PauseWisher | 'people'>();
  readonly #pause: (paused: boolean) => void;
  readonly #note: (note: 'paused' | 'resumed', by: string) => void;

  /** `note`: told of each wish that begins, and of each that ends. */
  constructor(pause: (paused: boolean) => void, note: (note: 'paused' | 'resumed', by: string) => void) {
    this.#pause = pause;
    this.#note = note;
  }

  /** By the name that stands in the audit log. */
  byName(paused: boolean, name: string): void {
    this.#wish(paused, paused ? ['people'] : ['people', ...liftedByPeople], name);
  }

  within(paused: boolean, who: PauseWisher): void {
    this.#wish(paused, [who], who);
  }

  #wish(paused: boolean, whose: readonly (PauseWisher | 'people')[], by: string): void {
    const changed = whose.filter((who) => this.#wishes.has(who) !== paused);
    const before = this.#wishes.size > 0;
    for (const who of changed) {
      if (paused) this.#wishes.add(who);
      else this.#wishes.delete(who);
    }
    const after = this.#wishes.size > 0;
    if (after !== before) this.#pause(after);
    for (let told = 0; told < changed.length; told += 1) this.#note(paused ? 'paused' : 'resumed', by);
  }
}
