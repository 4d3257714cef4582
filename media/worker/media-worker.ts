import { SidetoneError } from '#lib/errors.ts';
import type { ChannelSide, LegPorts, RecordPolicy, TalkSide } from '#sip/types.ts';
import { FeedHub } from '../feed/feed-hub.ts';
import { PortPool } from '../rtp/port-pool.ts';
import { SocketPair } from '../rtp/socket-pair.ts';
import { CallAudio } from './call-audio.ts';
import { Call } from './call.ts';
import type { CallContext } from './call-sound.ts';
import { Fork } from './fork.ts';
import type {
  LiveRecording,
  MediaCommand,
  MediaCounters,
  MediaWorkerContract,
  MediaWorkerEvent,
  MediaWorkerSettings,
} from './messages.ts';
import type { Handlers } from './rpc.ts';
import { StallWatch } from './stall-watch.ts';
import type { WorkerCall } from './worker-call.ts';

/** Calls are advanced in turn, a few each tick, so that packets never wait for all of them. */
const tickMs = 4;
const ticksPerRound = 10;
const housekeepingMs = 1000;

/** The calls of one worker thread: their ports, sockets, timers and audio. */
export class MediaWorker {
  readonly #settings: MediaWorkerSettings;
  readonly #emit: (event: MediaWorkerEvent) => void;
  readonly #tellCounters: (counters: MediaCounters) => void;
  readonly #ports: PortPool;
  readonly #feeds = new FeedHub();
  readonly #calls = new Map<string, WorkerCall>();
  /** Of calls open and of calls closed but not yet finished. */
  readonly #audio = new Map<string, CallAudio>();
  readonly #counters = zeroCounters();
  readonly #stalls = new StallWatch();
  readonly #context: CallContext;
  readonly #timer: NodeJS.Timeout;
  #round: Iterator<WorkerCall> | undefined;
  #callsPerTick = 0;
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
    this.#ports = new PortPool(settings.firstPort, settings.lastPort, settings.quarantineMs, settings.startAtPort);
    this.#context = {
      emit: this.#emit,
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
    switch (message.command) {
      case 'update':
        this.#of(Call, message)?.update(message.side, message.settings);
        return;
      case 'update-stream':
        this.#of(Fork, message)?.update(message.side, message.settings);
        return;
      case 'close-stream':
        this.#of(Fork, message)?.closeStream(message.side);
        return;
      case 'pcm':
        this.#of(Fork, message)?.write(message.side, message.bytes);
        return;
      case 'packet':
        this.#of(Fork, message)?.packet(message.side, message.bytes, message.atMs);
        return;
      case 'captured-hold':
        this.#of(Fork, message)?.capturedHold(message.side, message.holding, message.atMs);
        return;
      case 'captured-key':
        this.#of(Fork, message)?.capturedKey(message.side, message.durationMs, message.atMs);
        return;
      case 'digit':
        this.#calls.get(message.callId)?.digit(message.side, message.durationMs);
        return;
      case 'pause':
        this.#calls.get(message.callId)?.pause(message.paused);
        return;
      case 'attach':
        this.#audio.get(message.callId)?.attach(message.socketPath, message.fromSample);
        return;
      case 'decided':
        this.#audio.get(message.callId)?.decided(message.side, message.sample);
        return;
      case 'release':
        this.#audio.get(message.callId)?.release(message.untilSample, message.silence, message.unheard);
        return;
      case 'finish': {
        const audio = this.#audio.get(message.callId);
        if (audio === undefined) this.#emit({ type: 'recording-written', callId: message.callId, recording: null });
        else audio.finish();
        return;
      }
      default:
        message satisfies never;
    }
  }

  async #open(callId: string, record: RecordPolicy): Promise<Readonly<Record<TalkSide, LegPorts>>> {
    const caller = await this.#bindPair();
    let callee: SocketPair;
    try {
      callee = await this.#bindPair();
    } catch (thrown) {
      await this.#free(caller);
      throw thrown;
    }
    const call = new Call(callId, { caller, callee }, this.#makeAudio(callId, record), this.#context);
    this.#keep(call);
    return call.ports;
  }

  async #addRtp(callId: string, side: ChannelSide): Promise<LegPorts> {
    this.#fork(callId).checkFree(side);
    const sockets = await this.#bindPair();
    try {
      /** It may have ended, or been given the side, meanwhile. */
      const fork = this.#fork(callId);
      fork.checkFree(side);
      return fork.addRtp(side, sockets);
    } catch (thrown) {
      await this.#free(sockets);
      throw thrown;
    }
  }

  /** @throws SidetoneError `not-found` */
  #fork(callId: string): Fork {
    const fork = this.#of(Fork, { callId });
    if (fork === undefined) throw new SidetoneError('not-found', 'the call is over');
    return fork;
  }

  #of<Kind extends WorkerCall>(
    kind: new (...args: never[]) => Kind,
    { callId }: { readonly callId: string },
  ): Kind | undefined {
    const call = this.#calls.get(callId);
    return call instanceof kind ? call : undefined;
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
      nowEpochMs: Date.now(),
    });
    this.#audio.set(callId, audio);
    return audio;
  }

  #keep(call: WorkerCall): void {
    this.#calls.set(call.callId, call);
  }

  /** @throws SidetoneError `ports-exhausted` */
  async #bindPair(): Promise<SocketPair> {
    for (;;) {
      const port = this.#ports.take(performance.now());
      if (port === undefined) {
        this.#counters.portsExhausted++;
        throw new SidetoneError('ports-exhausted', 'every RTP port is in use or resting');
      }
      const pair = await SocketPair.bind(this.#settings.bindAddress, port);
      if (pair !== undefined) return pair;
      this.#counters.bindFailures++;
      this.#ports.giveBack(port, performance.now());
    }
  }

  async #free(pair: SocketPair): Promise<void> {
    await pair.close();
    this.#ports.giveBack(pair.rtpPort, performance.now());
  }

  async #closeCall(callId: string): Promise<void> {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.#calls.delete(callId);
    await call.close();
    const nowMs = performance.now();
    for (const port of call.rtpPorts) this.#ports.giveBack(port, nowMs);
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
    this.#advanceSome(nowMs);
    if (nowMs < this.#nextHousekeepingMs || this.#stalls.heldUpMs > 0) return;
    this.#nextHousekeepingMs = nowMs + housekeepingMs;
    for (const call of this.#calls.values()) call.checkSilence(nowMs);
    const counters = { ...this.#counters, calls: this.#calls.size, portsLent: this.#ports.lent };
    counters.feedsLost = this.#feeds.lostConnections;
    for (const audio of this.#audio.values()) {
      counters.memorySamples += audio.memorySamples;
      counters.audioDroppedSamples += audio.droppedSamples;
      counters.recordingFailures += audio.failures;
    }
    this.#tellCounters(counters);
  }

  /** A round over all calls takes `ticksPerRound`. */
  #advanceSome(nowMs: number): void {
    if (this.#round === undefined) {
      this.#round = this.#calls.values();
      this.#callsPerTick = Math.max(1, Math.ceil(this.#calls.size / ticksPerRound));
    }
    for (let i = 0; i < this.#callsPerTick; i++) {
      const next = this.#round.next();
      if (next.done === true) {
        this.#round = undefined;
        return;
      }
      next.value.advance(nowMs);
    }
  }
}

function zeroCounters(): MediaCounters {
  return {
    packets: 0,
    relayed: 0,
    malformed: 0,
    strangers: 0,
    duplicates: 0,
    late: 0,
    rtcp: 0,
    filledSamples: 0,
    droppedSamples: 0,
    audioDroppedSamples: 0,
    bindFailures: 0,
    portsExhausted: 0,
    recordingFailures: 0,
    feedsLost: 0,
    calls: 0,
    portsLent: 0,
    memorySamples: 0,
  };
}
