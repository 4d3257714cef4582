import { randomBytes } from 'node:crypto';
import type { LiveCalls, LiveEvent } from '#analytics/types.ts';
import { ReplayBuffer, callIdOf, type NumberedEvent } from './replay-buffer.ts';

/** What a watcher is sent first: either what it missed, or the state so far. */
export interface Greeting {
  readonly kind: 'replay' | 'snapshot';
  readonly events: readonly NumberedEvent[];
  /** Seq that the greeting brings the watcher up to. */
  readonly seq: number;
}

/**
 * One subscription to the running calls for all watchers, with ids for Last-Event-ID: `<run>.<seq>`, where `run` is
 * new with each start of the server, so that an id of an earlier run is never taken for one of this.
 */
export class LiveHub {
  readonly #live: LiveCalls;
  readonly #buffer: ReplayBuffer;
  readonly #run = randomBytes(4).toString('hex');
  readonly #watchers = new Set<(numbered: NumberedEvent) => void>();
  readonly #unsubscribe: () => void;

  constructor(live: LiveCalls, maxReplayEvents: number) {
    this.#live = live;
    this.#buffer = new ReplayBuffer(maxReplayEvents);
    this.#unsubscribe = live.subscribe((event) => {
      const numbered = this.#buffer.push(event);
      for (const watcher of this.#watchers) watcher(numbered);
    });
  }

  isLive(callId: string): boolean {
    return this.#live.snapshot(callId) !== undefined;
  }

  idOf(seq: number): string {
    return `${this.#run}.${seq}`;
  }

  /**
   * Greets and subscribes in one step, so that no event falls between. `callId` undefined: all calls, whose snapshot
   * is each call's row, the last words of each side and its alarms.
   */
  watch(
    callId: string | undefined,
    lastEventId: string | undefined,
    listener: (numbered: NumberedEvent) => void,
  ): { readonly greeting: Greeting; readonly stop: () => void } {
    const greeting = this.#replay(callId, lastEventId) ?? this.#snapshot(callId);
    const watcher = (numbered: NumberedEvent): void => {
      if (callId === undefined || callIdOf(numbered.event) === callId) listener(numbered);
    };
    this.#watchers.add(watcher);
    return { greeting, stop: () => void this.#watchers.delete(watcher) };
  }

  forgetCall(callId: string): void {
    this.#buffer.forgetCall(callId);
  }

  close(): void {
    this.#unsubscribe();
    this.#watchers.clear();
  }

  #replay(callId: string | undefined, lastEventId: string | undefined): Greeting | undefined {
    const [run, seqText] = (lastEventId ?? '').split('.');
    if (run !== this.#run || seqText === undefined || !/^\d{1,15}$/.test(seqText)) return undefined;
    const missed = this.#buffer.since(Number(seqText));
    if (missed === undefined) return undefined;
    const events = missed.filter(({ event }) => callId === undefined || callIdOf(event) === callId);
    return { kind: 'replay', events, seq: this.#buffer.lastSeq };
  }

  #snapshot(callId: string | undefined): Greeting {
    const seq = this.#buffer.lastSeq;
    const events =
      callId === undefined
        ? this.#live.list().flatMap((call) => overview(this.#live.snapshot(call.callId) ?? [{ type: 'call', call }]))
        : (this.#live.snapshot(callId) ?? []);
    return { kind: 'snapshot', events: events.map((event) => ({ seq, event })), seq };
  }
}

/** The call's row, the last utterance of each side, and the alarms: findings of our own making. */
function overview(events: readonly LiveEvent[]): readonly LiveEvent[] {
  const last = new Map<string, LiveEvent>();
  for (const event of events) {
    if (event.type === 'call') last.set('call', event);
    else if (event.type === 'utterance') last.set(event.utterance.side, event);
    else if (event.type === 'finding' && event.finding.kind === 'system') last.set(event.finding.findingId, event);
  }
  return [...last.values()];
}
