import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#lib/clock.ts';
import { toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import { StateMachine } from '#lib/state-machine.ts';
import type { CallEvent, IntakeCall, MediaFork, Party, Termination, TerminationReason } from '../types.ts';
import { PauseWishes, type PauseWisher } from '../pause-wishes.ts';
import { forkedSteps, forkTermination, type ForkedCallState } from './forked-state.ts';

export interface ForkedCallOptions {
  readonly callId: string;
  readonly fork: MediaFork;
  readonly parties: readonly Party[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxDurationMs: number;
  readonly emit: (event: CallEvent) => void;
  /** Once, when the fork is closed and nothing of the call is left. */
  readonly onEnded: (termination: Termination) => void;
}

/** A call that is heard and not carried: its state (forked-state.ts), its events, its clock. Whatever ends it ends here, once. */
export class ForkedCall implements IntakeCall {
  readonly callId: string;
  readonly fork: MediaFork;
  readonly #options: ForkedCallOptions;
  readonly #machine = new StateMachine<ForkedCallState>('starting', forkedSteps);
  #parties: readonly Party[];
  readonly #pauses: PauseWishes;
  #longestTimer: NodeJS.Timeout | undefined;
  #ending: Promise<void> | undefined;
  #wanted: TerminationReason | undefined;
  #tellSender: ((reason: TerminationReason) => void) | undefined;

  constructor(options: ForkedCallOptions) {
    this.#options = options;
    this.callId = options.callId;
    this.fork = options.fork;
    this.#parties = options.parties;
    this.#pauses = new PauseWishes(
      (paused) => this.fork.pause(paused),
      (note, by) => this.note(note, by),
    );
  }

  get isUp(): boolean {
    return this.#machine.state === 'up';
  }

  answered(atEpochMs?: number): void {
    if (this.#machine.state !== 'starting') return;
    this.#machine.enter('up');
    this.#emit({ type: 'answered' }, atEpochMs);
    this.#longestTimer = setTimeout(() => this.want('max-duration'), this.#options.maxDurationMs);
    this.#longestTimer.unref();
  }

  parties(parties: readonly Party[]): void {
    if (this.#over || isDeepStrictEqual(parties, this.#parties)) return;
    this.#parties = parties;
    this.#emit({ type: 'parties', parties: Object.freeze([...parties]) });
  }

  leg(sipCallId: string): void {
    if (!this.#over) this.#emit({ type: 'leg', sipCallId });
  }

  note(note: string, detail: string): void {
    if (!this.#over) this.#emit({ type: 'note', note, detail });
  }

  pause(paused: boolean, by: string): void {
    if (!this.#over) this.#pauses.byName(paused, by);
  }

  /** From within the call. */
  wantPause(paused: boolean, who: PauseWisher): void {
    if (!this.#over) this.#pauses.within(paused, who);
  }

  end(how: TerminationReason | Termination, atEpochMs?: number): Promise<void> {
    const known = typeof how === 'string' ? forkTermination(this.#machine.state, how) : how;
    return (this.#ending ??= this.#end(known, atEpochMs));
  }

  /** Ends it before it came up: the sender was answered `sipStatus`. */
  refuse(reason: TerminationReason, sipStatus: number): Promise<void> {
    this.#ending ??= this.#end(forkTermination(this.#machine.state, reason, sipStatus));
    return this.#ending;
  }

  /** At once when the house wanted it over before anybody listened, and ended it without them. */
  onEndWanted(listener: (reason: TerminationReason) => void): void {
    this.#tellSender = listener;
    if (this.#wanted !== undefined) this.#tell(this.#wanted);
  }

  /** The house wants it over: whoever feeds it tells its sender and ends it; without such a one it ends by itself. */
  want(reason: TerminationReason): void {
    if (this.#over || this.#wanted !== undefined) return;
    this.#wanted = reason;
    if (this.#tellSender === undefined) void this.end(reason);
    else this.#tell(reason);
  }

  #tell(reason: TerminationReason): void {
    try {
      this.#tellSender?.(reason);
    } catch (thrown) {
      this.#options.logger.error({ err: toError(thrown), callId: this.callId }, 'sender could not be told of the end');
      void this.end(reason);
    }
  }

  get #over(): boolean {
    return this.#machine.state === 'ended';
  }

  async #end(termination: Termination, atEpochMs?: number): Promise<void> {
    this.#machine.enter('ended');
    clearTimeout(this.#longestTimer);
    const { logger } = this.#options;
    const closing = this.fork.close();
    this.#emit({ type: 'ended', termination }, atEpochMs);
    logger.info({ callId: this.callId, ...termination }, 'call ended');
    try {
      await closing;
    } catch (thrown) {
      logger.error({ err: toError(thrown), callId: this.callId }, 'fork could not be closed');
    }
    this.#options.onEnded(termination);
  }

  #emit(event: WithoutCall, atEpochMs = this.#options.clock.nowEpochMs()): void {
    this.#options.emit(Object.freeze({ ...event, callId: this.callId, atEpochMs }));
  }
}

type WithoutCall = CallEvent extends infer Each
  ? Each extends CallEvent
    ? Omit<Each, 'callId' | 'atEpochMs'>
    : never
  : never;
