import type { CallIntake, IntakeCall } from '#sip/types.ts';
import type { StreamPeople } from '../types.ts';
import { StreamParties } from './parties.ts';
import { Refused, type StreamOrigin } from './refusals.ts';
import { StreamedCall, type Member, type Seat, type StreamedCallSettings } from './streamed-call.ts';

export interface Joining {
  readonly origin: StreamOrigin;
  /** What all sockets of the call have in common; sockets of another sender do not meet it. */
  readonly key: string;
  /** What its sender calls the call, so that it can be found by that. */
  readonly sipCallIds: readonly string[];
  readonly known: StreamPeople;
  /** Default: a new one. */
  readonly callId?: string | undefined;
}

/** The calls whose sound comes by sockets now, by what their sockets have in common. */
export class CallBook {
  readonly #intake: CallIntake;
  readonly #settings: StreamedCallSettings;
  readonly #calls = new Map<string, StreamedCall>();
  #draining = false;

  constructor(intake: CallIntake, settings: StreamedCallSettings) {
    this.#intake = intake;
    this.#settings = settings;
  }

  find({ origin, key }: Pick<Joining, 'origin' | 'key'>): StreamedCall | undefined {
    return this.#calls.get(fullKey(origin, key));
  }

  /**
   * The call that has this key, or a new one. A new one may still be refused: `Member.refuse`.
   * @throws Refused `server-draining`
   */
  join(joining: Joining, member: Member): Seat {
    const key = fullKey(joining.origin, joining.key);
    const running = this.#calls.get(key);
    if (running !== undefined) return running.sit(member, joining.known);
    if (this.#draining) throw new Refused('server-draining');
    const parties = new StreamParties();
    parties.learn(joining.known);
    const call = new StreamedCall(this.#begin(joining, parties), parties, this.#settings, () => {
      if (this.#calls.get(key) === call) this.#calls.delete(key);
    });
    this.#calls.set(key, call);
    return call.sit(member, joining.known);
  }

  async #begin({ origin, sipCallIds, callId }: Joining, parties: StreamParties): Promise<IntakeCall> {
    const { source, sourceName } = origin;
    const call = await this.#intake.begin({
      source,
      sourceName,
      sipCallIds,
      parties: parties.list(new Set(), 0),
      headers: {},
      ...(callId === undefined ? {} : { callId }),
    });
    call.answered();
    return call;
  }

  /** No new calls; sockets of those that run may still come. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends what is left. */
  async close(): Promise<void> {
    this.#draining = true;
    const calls = [...this.#calls.values()];
    for (const call of calls) call.end('server-shutdown');
    await Promise.all(calls.map((call) => call.ended()));
  }
}

function fullKey({ source, sourceName }: StreamOrigin, key: string): string {
  return JSON.stringify([source, sourceName, key]);
}
