import type { Config } from '#lib/config/schema.ts';
import type { PartySide } from '#sip/types.ts';
import type { StreamPair, StreamPeople } from '../../types.ts';
import { nobodyKnown } from '../parties.ts';

/** To which call a socket belongs. */
export interface Placed {
  readonly key: string;
  readonly sipCallIds: readonly string[];
  readonly known: StreamPeople;
  readonly callId: string | undefined;
  /** Of a registered pair. */
  readonly sourceName: string | undefined;
  /** Null: to be decided by who else comes, `sidesOf`. */
  readonly sides: readonly PartySide[] | null;
  /** A call runs whose UUID differs in the last digit alone: as if two sockets were meant to be one call. */
  readonly isHalfOfPair: boolean;
}

const registeredForMs = 600_000;
const pairsRemembered = 20_000;
const uuidsRemembered = 20_000;

interface Registration {
  readonly pair: StreamPair;
  readonly untilMs: number;
  /** One of its sockets has come: good for that call, not for another. */
  used: boolean;
}

/** Which sockets are one call, and whose voice each carries: by a registered pair, else by the rule of the configuration. */
export class Pairing {
  readonly #settings: Config['audiosocket'];
  readonly #nowMs: () => number;
  readonly #registered = new Map<string, Registration>();
  /** By key: the socket that came first and waits for the second. */
  readonly #waiting = new Map<string, { readonly partnerCame: () => void }>();
  /** What came last, by what it is but for the lowest bit. */
  readonly #byStem = new Map<string, string>();

  constructor(settings: Config['audiosocket'], nowMs: () => number) {
    this.#settings = settings;
    this.#nowMs = nowMs;
  }

  /** Good for ten minutes, and for the calls that have begun by then. Registered anew, the last counts. */
  register(pair: StreamPair): void {
    const entry: Registration = { pair, untilMs: this.#nowMs() + registeredForMs, used: false };
    for (const uuid of [pair.caller, pair.callee]) {
      const key = uuid.toLowerCase();
      this.#registered.delete(key);
      this.#registered.set(key, entry);
    }
    for (const [uuid, { untilMs }] of this.#registered) {
      if (untilMs > this.#nowMs() && this.#registered.size <= pairsRemembered) break;
      this.#registered.delete(uuid);
    }
  }

  /** `sourceName`: where the socket comes from. `isRunning`: whether the call with that key, of that source, runs. */
  place(uuid: string, sourceName: string, isRunning: (key: string, sourceName: string) => boolean): Placed {
    const registered = this.#registered.get(uuid);
    if (registered !== undefined) {
      const { pair, untilMs, used } = registered;
      const { callId, callee, people, sipCallIds } = pair;
      const caller = pair.caller.toLowerCase();
      const key = `pair ${caller}`;
      if (used ? isRunning(key, pair.sourceName) : untilMs > this.#nowMs()) {
        registered.used = true;
        return {
          key,
          sipCallIds: [caller, callee.toLowerCase(), ...(sipCallIds ?? [])],
          known: people ?? nobodyKnown,
          callId,
          sourceName: pair.sourceName,
          sides: [uuid === caller ? 'caller' : 'callee'],
          isHalfOfPair: false,
        };
      }
      this.#registered.delete(uuid);
    }
    const { pairBy, single } = this.#settings;
    const byRule = { sipCallIds: [uuid], known: nobodyKnown, callId: undefined, sourceName: undefined };
    const digit = Number.parseInt(uuid.slice(-1), 16);
    const even = uuid.slice(0, -1) + (digit & ~1).toString(16);
    if (pairBy === 'last-digit') {
      const sides = [(digit & 1) === 0 ? 'caller' : 'callee'] as const;
      return { ...byRule, key: even, sipCallIds: [even], sides, isHalfOfPair: false };
    }
    const last = this.#byStem.get(even);
    const isHalfOfPair = last !== undefined && last !== uuid && isRunning(last, sourceName);
    this.#byStem.delete(even);
    this.#byStem.set(even, uuid);
    const [oldest] = this.#byStem.keys();
    if (this.#byStem.size > uuidsRemembered && oldest !== undefined) this.#byStem.delete(oldest);
    return { ...byRule, key: uuid, sides: single === 'caller' ? ['caller', 'callee'] : null, isHalfOfPair };
  }

  /**
   * What a socket carries whose place does not say it: with a second one the first is the caller's and the second the
   * callee's; alone it is `mixed`. `sides`: those of the call so far. `signal` ends the wait of a socket that is gone.
   */
  async sidesOf(key: string, sides: ReadonlySet<PartySide>, signal: AbortSignal): Promise<readonly PartySide[]> {
    const first = this.#waiting.get(key);
    if (first !== undefined) {
      this.#waiting.delete(key);
      first.partnerCame();
      return ['callee'];
    }
    if (sides.size > 0) return sides.has('mixed') ? ['mixed'] : ['caller', 'callee'];
    return new Promise((resolve) => {
      const done = (side: PartySide): void => {
        clearTimeout(alone);
        signal.removeEventListener('abort', gone);
        if (this.#waiting.get(key) === entry) this.#waiting.delete(key);
        resolve([side]);
      };
      const gone = (): void => done('mixed');
      const entry = { partnerCame: () => done('caller') };
      const alone = setTimeout(() => done('mixed'), this.#settings.pairWaitS * 1000);
      signal.addEventListener('abort', gone);
      this.#waiting.set(key, entry);
    });
  }
}
