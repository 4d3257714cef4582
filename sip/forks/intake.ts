import { within } from '#lib/closing.ts';
import type { Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import { hasCode, SidetoneError, toError } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { CallEvent, CallIntake, MediaFork, MediaGateway, TerminationReason } from '../types.ts';
import { LiveCalls } from '../live-calls.ts';
import { createForkMetrics, type ForkMetrics } from './fork-metrics.ts';
import { ForkedCall } from './forked-call.ts';
import { forkTermination } from './forked-state.ts';

export interface IntakeOptions {
  readonly config: Config;
  readonly media: MediaGateway;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly emit: (event: CallEvent) => void;
}

type BeginCall = Parameters<CallIntake['begin']>[0];

/** All calls of which we get a copy, whichever way it comes: the one implementation of CallIntake. */
export class Forks implements CallIntake {
  readonly #options: IntakeOptions;
  readonly #metrics: ForkMetrics;
  readonly #calls = new LiveCalls<ForkedCall>();
  #draining = false;
  readonly #stopListening: () => void;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#metrics = createForkMetrics(options.metrics);
    this.#stopListening = options.media.onTrouble(({ callId, kind }) => {
      const call = this.#calls.get(callId);
      // Before it is up nobody need send anything: only a copy that is up dies of silence.
      if (kind === 'failed') call?.want('media-failed');
      else if (call?.isUp === true) call.want('rtp-timeout');
    });
  }

  async begin(begin: BeginCall): Promise<ForkedCall> {
    this.admit(begin.source);
    return this.#calls.make(() => this.#begin(begin));
  }

  async #begin(begin: BeginCall): Promise<ForkedCall> {
    const { config, clock, emit } = this.#options;
    const callId = begin.callId ?? newId(clock.nowEpochMs());
    this.#metrics.started(begin.source);
    const parties = Object.freeze([...begin.parties]);
    const record = begin.record ?? config.record;
    emit(
      Object.freeze({
        type: 'ringing',
        callId,
        atEpochMs: begin.fileEpochMs ?? clock.nowEpochMs(),
        source: begin.source,
        sourceName: begin.sourceName,
        sipCallIds: Object.freeze([...begin.sipCallIds]),
        parties,
        record,
        ...(begin.phrases === undefined ? {} : { phrases: begin.phrases }),
        headers: Object.freeze({ ...begin.headers }),
      } as const),
    );
    let fork: MediaFork;
    try {
      fork = await this.#options.media.openFork({ callId, record, fileEpochMs: begin.fileEpochMs });
    } catch (thrown) {
      this.#failed(callId, begin, toError(thrown));
      throw thrown;
    }
    const call = new ForkedCall({
      callId,
      fork,
      parties,
      clock,
      logger: this.#options.logger,
      maxDurationMs: config.sip.maxDurationS * 1000,
      emit,
      onEnded: (termination) => {
        this.#metrics.ended(begin.source, termination);
        this.#calls.remove(callId);
      },
    });
    const { source, sourceName } = begin;
    this.#options.logger.info({ callId, source: sourceName, kind: source }, 'copy of a call began');
    const ending = this.#calls.add(callId, call);
    if (ending !== undefined) call.want(ending);
    return call;
  }

  /**
   * Whether one more call would be taken, for a sender that must be answered before anything of it is known. Counted.
   * @throws SidetoneError `server-draining`, `at-capacity`
   */
  admit(source: BeginCall['source']): void {
    const full = this.size >= this.#options.config.intake.maxCalls;
    if (!this.#draining && !full) return;
    const code = this.#draining ? 'server-draining' : 'at-capacity';
    this.#metrics.refused(source, code);
    throw new SidetoneError(code, this.#draining ? 'no new calls: shutting down' : 'intake.maxCalls calls run already');
  }

  #failed(callId: string, { source }: BeginCall, error: Error): void {
    const exhausted = hasCode(error, 'ports-exhausted');
    if (!exhausted) this.#options.logger.error({ err: error, callId }, 'fork could not be opened');
    const termination = forkTermination('starting', exhausted ? 'ports-exhausted' : 'media-failed', null);
    const atEpochMs = this.#options.clock.nowEpochMs();
    this.#options.emit(Object.freeze({ type: 'ended', callId, atEpochMs, termination } as const));
    this.#metrics.ended(source, termination);
  }

  /** `begin` is refused from now on; calls that run go on. */
  drain(): void {
    this.#draining = true;
  }

  call(callId: string): ForkedCall | undefined {
    return this.#calls.get(callId);
  }

  get size(): number {
    return this.#calls.size;
  }

  whenIdle(): Promise<void> {
    return this.#calls.whenIdle();
  }

  /** Asks every sender to end; what is left after `limitMs` is ended without it. */
  async hangUpAll(reason: TerminationReason, limitMs: number): Promise<void> {
    this.#draining = true;
    for (const call of this.#calls.endAll(reason)) call.want(reason);
    await within(limitMs, this.whenIdle());
    await Promise.all(this.#calls.all().map((call) => call.end(reason)));
  }

  close(): void {
    this.#stopListening();
  }
}
