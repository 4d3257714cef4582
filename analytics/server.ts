import type { AsrEvent, CallHints, Recogniser } from '#asr/types.ts';
import { BackgroundTasks, once, within } from '#lib/closing.ts';
import type { Config } from '#lib/config/schema.ts';
import { toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import { StateMachine } from '#lib/state-machine.ts';
import { samplesToMs, type MediaEvent, type RecordingControl, type RecordingReport } from '#media/types.ts';
import type { CallEvent, ChannelSide } from '#sip/types.ts';
import { createRedactor } from './redaction/redactor.ts';
import type { Redactor, RedactorOptions } from './redaction/types.ts';
import type { Rule } from './rules/schema.ts';
import type { SpeakerDesk } from './speakers/desk.ts';
import { CallRecord } from './session/call-record.ts';
import { CallSession } from './session/call-session.ts';
import { hintsOf } from './session/hints.ts';
import { LiveCallBoard } from './session/live-calls.ts';
import type { CallStore, LiveCalls } from './types.ts';

export interface AnalyticsOptions {
  readonly config: Config;
  readonly rules: readonly Rule[];
  readonly store: CallStore;
  readonly recording: RecordingControl;
  readonly recogniser: Pick<Recogniser, 'open' | 'addSide' | 'abandon'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Names and terms that people have added to the list of all calls, as of now. */
  readonly addedPhrases?: () => readonly string[];
  /** Whose the voices of a call are, by its recording; absent: nobody is to be looked for. */
  readonly identify?: SpeakerDesk['identify'];
  /** Default: the redactor of redaction.md. */
  readonly makeRedactor?: (options: RedactorOptions) => Redactor;
}

/** Events in, rows and live events out. The three `on...` functions never throw. */
export interface Analytics {
  readonly live: LiveCalls;
  onCall(event: CallEvent): void;
  onMedia(event: MediaEvent): void;
  onSpeech(event: AsrEvent): void;
  /** Calls whose last row is not written yet. */
  readonly openCalls: number;
  callIds(): readonly string[];
  whenIdle(): Promise<void>;
  /** Wraps up every call with what is there, within a second or so. */
  close(): Promise<void>;
}

/** After its end a call waits this long for recognition, then goes on without what is still missing. */
const settleTimeoutMs = 180_000;
/** A call without sound waits only for the word that there was none; one that got no ports never has it. */
const silentSettleTimeoutMs = 1_000;
/** Whose voices they are is known by then, or is not told. */
const identifyTimeoutMs = 30_000;
/** At the close of the server a recording has this long to be finished. */
const closeTimeoutMs = 5_000;

/**
 * Where a call stands on its way out:
 *
 *     live      signalling goes on
 *     settling  signalling is over; media or recognition are not
 *     closing   everything is decided; the recording is being finished
 *
 * and then it is gone. The server's own close leads from any of them to `closing`.
 */
type Phase = 'live' | 'settling' | 'closing';
const phases: Readonly<Record<Phase, readonly Phase[]>> = {
  live: ['settling', 'closing'],
  settling: ['closing'],
  closing: [],
};

interface OpenCall {
  readonly session: CallSession;
  readonly keepsAudio: boolean;
  readonly hints: CallHints;
  /** Not out of a file. */
  readonly isLive: boolean;
  readonly phase: StateMachine<Phase>;
  mediaStarted: boolean;
  mediaEnded: boolean;
  /** The channels that the call has had so far, and those whose sound recognition has come to the end of. */
  readonly sides: Set<ChannelSide>;
  readonly decidedSides: Set<ChannelSide>;
  settleTimer: NodeJS.Timeout | undefined;
  streamsTimer: NodeJS.Timeout | undefined;
}

export function startAnalytics(options: AnalyticsOptions): Analytics {
  const { config, logger, metrics, recogniser, makeRedactor = createRedactor } = options;
  const calls = new Map<string, OpenCall>();
  const idle = new Set<() => void>();
  const board = new LiveCallBoard((err) => logger.error({ err }, 'a listener of live events failed'));
  const tasks = new BackgroundTasks((err) => logger.error({ err }, 'background work of analytics failed'));
  const assured = metrics.counter(
    'sidetone_calls_assured_total',
    'Calls that are over, by whether their sound is all there (docs/assurance.md)',
    ['source', 'verdict', 'reason'],
  );
  const openGauge = metrics.gauge('sidetone_calls_open', 'Calls whose last row is not written yet');

  const open = (event: Extract<CallEvent, { type: 'ringing' }>): void => {
    const session = new CallSession(new CallRecord(event), {
      rules: options.rules,
      expectsText: config.asr.processes !== 0 || event.record !== 'all',
      interruptionMs: config.metrics.interruptionMs,
      makeRedactor: (sides) => makeRedactor({ holdMs: config.redaction.holdS * 1000, sides }),
      recording: options.recording,
      write: (op) => options.store.write(op),
      publish: (live) => board.publish(live),
      failed: (err) =>
        logger.error({ err, callId: event.callId }, 'redaction of a call failed; nothing more of it is kept'),
      background: (task) => tasks.add(task),
    });
    calls.set(event.callId, {
      session,
      keepsAudio: event.record !== 'none',
      hints: hintsOf(event, config, options.addedPhrases?.() ?? []),
      isLive: event.source !== 'ingest',
      phase: new StateMachine<Phase>('live', phases),
      mediaStarted: false,
      mediaEnded: false,
      sides: new Set(),
      decidedSides: new Set(),
      settleTimer: undefined,
      streamsTimer: undefined,
    });
    openGauge.set(calls.size);
  };

  const advance = (callId: string, call: OpenCall): void => {
    if (call.phase.state !== 'settling') return;
    const heardOut =
      !call.keepsAudio || !call.mediaStarted || [...call.sides].every((side) => call.decidedSides.has(side));
    if (call.mediaEnded && heardOut) wrapUp(callId, call);
  };

  const wrapUp = (callId: string, call: OpenCall): void => {
    clearTimeout(call.settleTimer);
    call.phase.enter('closing');
    if (call.keepsAudio && call.mediaStarted) {
      call.session.wrapUp();
    } else {
      // Media keeps its books of every call, also of one that leaves no recording.
      options.recording.finish(callId);
      finish(callId, call, null);
    }
  };

  const conclude = async (callId: string, call: OpenCall, recording: RecordingReport): Promise<void> => {
    if (options.identify !== undefined && recording.path !== null)
      await within(identifyTimeoutMs, identify(callId, call, options.identify, recording.path));
    finish(callId, call, recording);
  };

  const identify = async (
    callId: string,
    call: OpenCall,
    ask: SpeakerDesk['identify'],
    path: string,
  ): Promise<void> => {
    try {
      const named = await ask(callId, path, call.session.voices());
      if (calls.get(callId) === call) call.session.identified(named);
    } catch (thrown) {
      logger.warn({ callId, err: toError(thrown) }, 'the voices of a call could not be held against those enrolled');
    }
  };

  const finish = (callId: string, call: OpenCall, recording: RecordingReport | null): void => {
    if (calls.get(callId) !== call) return;
    clearTimeout(call.settleTimer);
    clearTimeout(call.streamsTimer);
    calls.delete(callId);
    openGauge.set(calls.size);
    call.session.finish(recording);
    const { source, assurance } = call.session.call;
    if (assurance !== null) assured.add(1, { source, verdict: assurance.verdict, reason: assurance.reason });
    if (calls.size === 0) for (const resolve of idle) resolve();
  };

  const settle = (callId: string, call: OpenCall): void => {
    call.phase.enter('settling');
    const giveUp = (): void => {
      if (call.mediaStarted) {
        logger.warn({ callId }, 'recognition did not finish a call in time; it goes on without');
        recogniser.abandon(callId);
      }
      wrapUp(callId, call);
    };
    call.settleTimer = setTimeout(giveUp, call.mediaStarted ? settleTimeoutMs : silentSettleTimeoutMs);
    advance(callId, call);
  };

  const onCall = (event: CallEvent): void => {
    if (event.type === 'ringing') {
      open(event);
      return;
    }
    const call = calls.get(event.callId);
    if (call === undefined) return;
    call.session.signalled(event);
    if (event.type === 'answered' && call.isLive) {
      call.streamsTimer ??= setTimeout(() => call.session.streamsAreDue(), config.assurance.silentAfterS * 1000);
    }
    // Closing has wrapped up calls that signalling ends only now.
    if (event.type === 'ended' && call.phase.state === 'live') settle(event.callId, call);
  };

  const onMedia = (event: MediaEvent): void => {
    const call = calls.get(event.callId);
    if (call === undefined) return;
    call.session.media(event);
    if (event.type === 'media-started') {
      call.mediaStarted = true;
      for (const side of event.sides) call.sides.add(side);
      if (call.keepsAudio) recogniser.open(event.callId, event.sides, call.hints);
    } else if (event.type === 'side-added') {
      call.sides.add(event.side);
      if (call.keepsAudio) recogniser.addSide(event.callId, event.side, samplesToMs(event.sample));
    } else if (event.type === 'media-ended') {
      call.mediaEnded = true;
      advance(event.callId, call);
    } else if (event.type === 'recording-finished' && call.phase.state === 'closing') {
      tasks.add(conclude(event.callId, call, event.recording));
    }
  };

  const onSpeech = (event: AsrEvent): void => {
    const call = calls.get(event.callId);
    if (call === undefined || call.phase.state === 'closing') return;
    call.session.heard(event);
    if (event.type !== 'finished') return;
    call.decidedSides.add(event.side);
    advance(event.callId, call);
  };

  const whenIdle = (): Promise<void> =>
    calls.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          const done = (): void => {
            idle.delete(done);
            resolve();
          };
          idle.add(done);
        });

  return {
    live: board,
    onCall,
    onMedia,
    onSpeech,
    get openCalls() {
      return calls.size;
    },
    callIds: () => [...calls.keys()],
    whenIdle,
    close: once(async () => {
      for (const [callId, call] of calls) if (call.phase.state !== 'closing') wrapUp(callId, call);
      const timeout = setTimeout(() => {
        for (const [callId, call] of calls) finish(callId, call, null);
      }, closeTimeoutMs);
      await whenIdle();
      clearTimeout(timeout);
      await tasks.settle();
    }),
  };
}
