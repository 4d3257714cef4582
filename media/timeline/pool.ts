/**
 * Things that are used again instead of made anew: what lies outside the JavaScript heap (audio blocks, file chunks)
 * makes the collector stop the thread for milliseconds when it is made and let go by the thousand. Whoever gives a thing
 * back must not touch it again; what is never given back is simply collected.
 */
export class Pool<Thing> {
  readonly #make: () => Thing;
  readonly #mostKept: number;
  readonly #free: Thing[] = [];

  constructor(make: () => Thing, mostKept: number) {
    this.#make = make;
    this.#mostKept = mostKept;
  }

  take(): Thing {
    return this.#free.pop() ?? this.#make();
  }

  giveBack(thing: Thing): void {
    if (this.#free.length < this.#mostKept) this.#free.push(thing);
  }
}
