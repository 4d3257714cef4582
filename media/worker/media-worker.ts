import { within } from '#lib/closing.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import type { ChannelSide, LegPorts, RecordPolicy, TalkSide } from '#sip/types.ts';
import { FeedHub } from '../feed/feed-hub.ts';
import type { SocketPair } from '../rtp/socket-pair.ts';
import { CallAudio } from './call-audio.ts';
import { CallRounds } from './call-rounds.ts';
import { Call } from './call.ts';
import type { CallContext } from './call-sound.ts';
import { zeroCounters } from './counters.ts';
import { Fork } from './fork.ts';
import type {
  LiveRecording,
  MediaCommand,
  MediaCounters,
  MediaWorkerContract,
  MediaWorkerEvent,
  MediaWorkerSettings,
} from './messages.ts';
import { obey } from './obey.ts';
import type { Handlers } from './rpc.ts';
import { RtpSockets } from './rtp-sockets.ts';
import { StallWatch } from './stall-watch.ts';
import type { WorkerCall } from './worker-call.ts';

const tickMs = 4;
const housekeepingMs = 1000;
/** What a failed call has to write is waited for so long; a slow disk holds up no news. */
const letGoMs = 2000;

/** The calls of one worker thread: their ports, sockets, timers and audio. */
export class MediaWorker {
  readonly #settings: MediaWorkerSettings;
  readonly #emit: (event: MediaWorkerEvent) => void;
  readonly #tellCounters: (counters: MediaCounters) => void;
  readonly #sockets: RtpSockets;
  readonly #feeds = new FeedHub();
  readonly #calls = new Map<string, WorkerCall>();
  /** Of calls open and of calls closed but not yet finished. */
  readonly #audio = new Map<string, CallAudio>();
  readonly #counters = zeroCounters();
  readonly #stalls = new StallWatch();
  readonly #context: CallContext;
  readonly #timer: NodeJS.Timeout;
  readonly #rounds = new CallRounds(this.#calls);
  #nextHousekeepingMs = performance.now() + housekeepingMs;

  constructor(
    settings: MediaWorkerSettings,
    emit: (event: MediaWorkerEvent) => void,
    tellCounters: (counters: MediaCounters) => void,
  ) {
    this.#settings = settings;
    this.#tellCounters = tellCounters;
    this.#emit = (event) => {
      if (event.type === 'recording-written') this.#forgetAudio(event.callId);
      emit(event);
    };
    this.#sockets = new RtpSockets(settings, this.#counters);
    this.#context = {
      emit: this.#emit,
      failed: (callId, thrown) => this.#fail(callId, toError(thrown)),
      counters: this.#counters,
      stalls: this.#stalls,
      rtpTimeoutMs: settings.rtpTimeoutMs,
      silentAfterMs: settings.silentAfterMs,
      pauseCodes: settings.pauseCodes,
    };
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  readonly handlers: Handlers<MediaWorkerContract> = {
    open: ({ callId, record }) => this.#open(callId, record),
    openFork: ({ callId, record, fileEpochMs }) => {
      this.#keep(new Fork(callId, this.#makeAudio(callId, record), this.#context, fileEpochMs));
    },
    addRtp: ({ callId, side }) => this.#addRtp(callId, side),
    addPcm: ({ callId, side, format }) => this.#fork(callId).addPcm(side, format),
    addPackets: ({ callId, side, formats }) => this.#fork(callId).addPackets(side, formats),
    room: ({ callId, samples }) => this.#audio.get(callId)?.room(samples),
    close: ({ callId }) => this.#closeCall(callId),
    redactLive: async ({ callId, silence }): Promise<LiveRecording | null> =>
      (await this.#audio.get(callId)?.redactLate(silence)) ?? null,
    shutdown: () => this.#shutdown(),
  };

  command(message: MediaCommand): void {
    const { callId } = message;
    this.#guarded(callId, () =>
      obey(message, {
        call: this.#calls.get(callId),
        audio: this.#audio.get(callId),
        nothingToFinish: () => this.#emit({ type: 'recording-written', callId, recording: null }),
      }),
    );
  }

  async #open(callId: string, record: RecordPolicy): Promise<Readonly<Record<TalkSide, LegPorts>>> {
    const caller = await this.#sockets.bind();
    let callee: SocketPair;
    try {
      callee = await this.#sockets.bind();
    } catch (thrown) {
      await this.#sockets.free(caller);
      throw thrown;
    }
    const call = new Call(callId, { caller, callee }, this.#makeAudio(callId, record), this.#context);
    this.#keep(call);
    return call.ports;
  }

  async #addRtp(callId: string, side: ChannelSide): Promise<LegPorts> {
    this.#fork(callId).checkFree(side);
    const sockets = await this.#sockets.bind();
    try {
      /** It may have ended, or been given the side, meanwhile. */
      const fork = this.#fork(callId);
      fork.checkFree(side);
      return fork.addRtp(side, sockets);
    } catch (thrown) {
      await this.#sockets.free(sockets);
      throw thrown;
    }
  }

  /** @throws SidetoneError `not-found` */
  #fork(callId: string): Fork {
    const call = this.#calls.get(callId);
    if (!(call instanceof Fork)) throw new SidetoneError('not-found', 'the call is over');
    return call;
  }

  /** Undefined: nothing of the call is to be kept. */
  #makeAudio(callId: string, policy: RecordPolicy): CallAudio | undefined {
    if (policy === 'none') return undefined;
    const audio = new CallAudio({
      callId,
      policy,
      settings: this.#settings,
      feeds: this.#feeds,
      emit: this.#emit,
      failed: (thrown) => this.#fail(callId, toError(thrown)),
      nowEpochMs: Date.now(),
    });
    this.#audio.set(callId, audio);
    return audio;
  }

  #keep(call: WorkerCall): void {
    this.#calls.set(call.callId, call);
  }

  async #closeCall(callId: string): Promise<void> {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.#calls.delete(callId);
    try {
      await call.close();
    } catch (thrown) {
      this.#fail(callId, toError(thrown));
    } finally {
      this.#sockets.giveBack(call.rtpPorts);
    }
  }

  #guarded(callId: string, work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.#fail(callId, toError(thrown));
    }
  }

  /** A fault in one call is the end of that call alone. */
  #fail(callId: string, err: Error): void {
    this.#counters.callsFailed++;
    const call = this.#calls.get(callId);
    this.#calls.delete(callId);
    void this.#letGo(callId, call).then((isLost) => this.#emit({ type: 'call-failed', callId, err, isLost }));
  }

  /**
   * Where the call can still be closed, its sound is complete up to here, and is recorded and recognised as any other.
   * True where not: then what has been written is all there is of it. Never rejects.
   */
  async #letGo(callId: string, call: WorkerCall | undefined): Promise<boolean> {
    try {
      await call?.close();
      if (call !== undefined) return false;
    } catch {
      // What is wrong with it is told already.
    } finally {
      if (call !== undefined) this.#sockets.giveBack(call.rtpPorts);
    }
    const audio = this.#audio.get(callId);
    this.#forgetAudio(callId);
    const abandoned = audio?.abandon() ?? Promise.resolve();
    await within(
      letGoMs,
      abandoned.catch(() => undefined),
    );
    return true;
  }

  #forgetAudio(callId: string): void {
    const audio = this.#audio.get(callId);
    if (audio === undefined) return;
    this.#audio.delete(callId);
    this.#counters.audioDroppedSamples += audio.droppedSamples;
    this.#counters.recordingFailures += audio.failures;
  }

  async #shutdown(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#calls.keys()].map((callId) => this.#closeCall(callId)));
    await Promise.all([...this.#audio.values()].map((audio) => audio.abandon()));
    this.#audio.clear();
    this.#feeds.close();
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#stalls.alive(nowMs);
    this.#rounds.turn((call) => this.#guarded(call.callId, () => call.advance(nowMs)));
    if (nowMs < this.#nextHousekeepingMs || this.#stalls.heldUpMs > 0) return;
    this.#nextHousekeepingMs = nowMs + housekeepingMs;
    for (const call of this.#calls.values()) this.#guarded(call.callId, () => call.checkSilence(nowMs));
    const counters = { ...this.#counters, calls: this.#calls.size, portsLent: this.#sockets.lent };
    counters.feedsLost = this.#feeds.lostConnections;
    for (const audio of this.#audio.values()) {
      counters.memorySamples += audio.memorySamples;
      counters.audioDroppedSamples += audio.droppedSamples;
      counters.recordingFailures += audio.failures;
    }
    this.#tellCounters(counters);
  }
}
