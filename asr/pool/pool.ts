import { join } from 'node:path';
import type { AudioFeedControl } from '#media/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import { systemClock, type Clock } from '#lib/clock.ts';
import { once } from '#lib/closing.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { EngineSettings } from '../engines/by-language.ts';
import type { SideStart, SpeechEvent } from '../process/messages.ts';
import type { AsrEvent, CallHints, RecogniserStatus } from '../types.ts';
import { RecentDelays } from './delays.ts';
import { CallLedger } from './ledger.ts';
import type { AsrMetrics } from './metrics.ts';
import { RecogniserProcess, type ProcessSettings } from './process.ts';

export interface PoolOptions {
  readonly processes: number;
  readonly runtimeDir: string;
  readonly settings: ProcessSettings;
  readonly feed: AudioFeedControl;
  readonly logger: Logger;
  readonly metrics: AsrMetrics;
  readonly emit: (event: AsrEvent) => void;
  readonly clock?: Clock;
}

/** A place for one process; the process in it may change. */
interface Slot {
  readonly number: number;
  process: RecogniserProcess | undefined;
  startedMs: number;
  failures: number;
  timer: NodeJS.Timeout | undefined;
}

interface PoolCall {
  readonly ledger: CallLedger;
  readonly hints: CallHints;
  slot: Slot | undefined;
  epoch: number;
}

const firstBackoffMs = 200;
const maxBackoffMs = 15_000;
/** A process that lived this long did not die of its start. */
const healthyMs = 60_000;
const closeTimeoutMs = 20_000;

/** Shares calls out among recogniser processes, and moves them when one dies. */
export class ProcessPool {
  readonly #options: PoolOptions;
  readonly #clock: Clock;
  readonly #slots: readonly Slot[];
  readonly #calls = new Map<string, PoolCall>();
  readonly #delays = new RecentDelays();
  /** Processes that load a model to take a slot over; they have none yet. */
  readonly #candidates = new Set<RecogniserProcess>();
  readonly #leaving = new Set<Promise<void>>();
  #settings: ProcessSettings;
  #lives = 0;
  #restarts = 0;
  #model: string;
  #closing = false;
  #changing = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#clock = options.clock ?? systemClock;
    this.#model = options.settings.engine.model;
    this.#slots = Array.from({ length: options.processes }, (_, number) => ({
      number,
      process: undefined,
      startedMs: 0,
      failures: 0,
      timer: undefined,
    }));
    for (const slot of this.#slots) this.#start(slot);
  }

  open(callId: string, sides: readonly ChannelSide[], hints: CallHints = {}): void {
    if (this.#calls.has(callId)) return;
    const call = this.#remember(callId, hints);
    for (const side of sides) call.ledger.addSide(side, 0);
    if (this.#closing) this.#giveUp(call);
    else this.#assign(call);
  }

  /**
   * The process drops what comes of a side that it has not been told of: once it has been, the audio is sent again. A
   * call whose other sides had all ended just before is open once more.
   */
  addSide(callId: string, side: ChannelSide, fromSample: number): void {
    const call = this.#calls.get(callId) ?? this.#remember(callId, {});
    const start = call.ledger.addSide(side, fromSample);
    if (start === undefined) return;
    if (this.#closing) this.#giveUp(call, side);
    else if (call.slot?.process === undefined) this.#assign(call);
    else call.slot.process.addSide(callId, call.epoch, withLanguage(start, call.hints), call.hints.phrases);
  }

  abandon(callId: string): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.#forget(call);
    call.slot?.process?.abandon(callId);
  }

  status(): RecogniserStatus {
    return {
      model: this.#model,
      ready: this.#slots.some((slot) => slot.process?.isReady === true),
      processes: this.#slots.length,
      restarts: this.#restarts,
      openCalls: this.#calls.size,
      finalDelayP95Ms: this.#delays.p95Ms(this.#clock.nowMs()),
    };
  }

  /** The process ids, for who wants to look at them (tests, `doctor`). */
  get pids(): readonly number[] {
    return this.#slots.flatMap((slot) => slot.process?.pid ?? []);
  }

  /**
   * Recognises with another model from now on. For one slot after the other a process loads it beside the one that works,
   * takes its calls over with all that is not decided of them, and the old one leaves: one process more than usual is
   * all the memory it takes. When the first cannot load it, nothing has changed.
   * @throws SidetoneError `conflict` while another change is under way, `model-broken` with the reason, `server-draining`
   */
  async use(engine: EngineSettings): Promise<void> {
    if (this.#closing) throw new SidetoneError('server-draining', 'the recogniser is being closed');
    if (this.#changing) throw new SidetoneError('conflict', 'another model is being loaded already');
    this.#changing = true;
    try {
      const settings = { ...this.#settings, engine };
      for (const [index, slot] of this.#slots.entries()) {
        const loaded = await this.#load(slot, settings).catch((error: unknown) => {
          // It has been loaded once: what is short is room for two at once. Then the old one leaves first.
          if (index === 0 || this.#closing) throw error;
          return undefined;
        });
        this.#settings = settings;
        if (loaded !== undefined) this.#model = loaded.model;
        this.#replace(slot, loaded?.process);
      }
    } finally {
      this.#changing = false;
    }
  }

  /** What has been heard is decided first; what has not comes as `unheard`. */
  readonly close = once(async () => {
    this.#closing = true;
    for (const slot of this.#slots) clearTimeout(slot.timer);
    const working = this.#slots.flatMap((slot) => slot.process ?? []);
    await Promise.all([...working, ...this.#candidates].map((process) => process.close(closeTimeoutMs)));
    await Promise.all(this.#leaving);
    for (const call of this.#calls.values()) this.#giveUp(call);
  });

  #start(slot: Slot): void {
    slot.startedMs = this.#clock.nowMs();
    const process = this.#spawn(slot, this.#settings, {
      ready: (model) => {
        this.#model = model;
      },
      gone: () => {
        if (slot.process === process) this.#restart(slot);
      },
    });
    slot.process = process;
  }

  /** A process that has loaded its model and stands in no slot yet; once it is in this one, its end is the slot's. */
  #load(
    slot: Slot,
    settings: ProcessSettings,
  ): Promise<{ readonly process: RecogniserProcess; readonly model: string }> {
    return new Promise((resolve, reject) => {
      const process = this.#spawn(slot, settings, {
        ready: (model) => {
          this.#candidates.delete(process);
          if (this.#closing) reject(new SidetoneError('server-draining', 'the recogniser is being closed'));
          else resolve({ process, model });
        },
        gone: (why) => {
          this.#candidates.delete(process);
          if (slot.process === process) this.#restart(slot);
          else reject(new SidetoneError('model-broken', `the model cannot be loaded: ${why}`));
        },
      });
      this.#candidates.add(process);
    });
  }

  /**
   * The calls of the slot go on in the new process, as they do after a lost one, and the old one leaves. Without a new
   * one they go on in other slots, and this one starts afresh.
   */
  #replace(slot: Slot, process: RecogniserProcess | undefined): void {
    const old = slot.process;
    clearTimeout(slot.timer);
    slot.process = process;
    slot.startedMs = this.#clock.nowMs();
    slot.failures = 0;
    for (const call of this.#calls.values()) {
      if (call.slot !== slot && call.slot !== undefined) continue;
      old?.abandon(call.ledger.callId);
      call.slot = undefined;
      if (process === undefined) this.#assign(call);
      else this.#open(call, slot, process);
    }
    this.#options.logger.info({ slot: slot.number, model: this.#model }, 'another recogniser process takes over');
    if (old !== undefined) this.#leaving.add(old.close(closeTimeoutMs));
    if (process === undefined) this.#start(slot);
  }

  #spawn(
    slot: Slot,
    settings: ProcessSettings,
    on: { readonly ready: (model: string) => void; readonly gone: (why: string) => void },
  ): RecogniserProcess {
    this.#lives += 1;
    const socketPath = join(this.#options.runtimeDir, `asr-${this.#lives}.sock`);
    const process = new RecogniserProcess(socketPath, settings, this.#options.logger, {
      listening: () => {
        for (const call of this.#calls.values()) if (call.slot === undefined) this.#assign(call);
      },
      ready: on.ready,
      opened: (callId, epoch) => {
        const call = this.#calls.get(callId);
        if (call?.epoch === epoch) this.#options.feed.attach(callId, socketPath, call.ledger.decided);
      },
      speech: (callId, epoch, event) => {
        const call = this.#calls.get(callId);
        if (call?.epoch === epoch) this.#hear(call, event);
      },
      load: (report) => {
        if (slot.process === process) this.#options.metrics.load(slot.number, report);
      },
      gone: on.gone,
    });
    return process;
  }

  #restart(slot: Slot): void {
    slot.process = undefined;
    const orphans = [...this.#calls.values()].filter((call) => call.slot === slot);
    for (const call of orphans) call.slot = undefined;
    if (this.#closing) return;
    const nowMs = this.#clock.nowMs();
    slot.failures = nowMs - slot.startedMs > healthyMs ? 1 : slot.failures + 1;
    const waitMs = Math.min(maxBackoffMs, firstBackoffMs * 2 ** (slot.failures - 1));
    this.#restarts += 1;
    this.#options.metrics.restarted();
    this.#options.logger.warn({ slot: slot.number, calls: orphans.length, waitMs }, 'recogniser process lost');
    slot.timer = setTimeout(() => this.#start(slot), waitMs);
    for (const call of orphans) this.#assign(call);
  }

  /** To the process with the fewest calls; without any, the call waits for one. */
  #assign(call: PoolCall): void {
    const load = (slot: Slot): number => [...this.#calls.values()].filter((other) => other.slot === slot).length;
    const [slot] = this.#slots
      .filter((each) => each.process?.takesCalls === true)
      .sort((a, b) => Number(b.process?.isReady) - Number(a.process?.isReady) || load(a) - load(b));
    if (slot?.process !== undefined) this.#open(call, slot, slot.process);
  }

  #open(call: PoolCall, slot: Slot, process: RecogniserProcess): void {
    call.slot = slot;
    call.epoch += 1;
    const starts = call.ledger.handOver().map((start) => withLanguage(start, call.hints));
    process.open(call.ledger.callId, call.epoch, starts, call.hints.phrases);
  }

  #hear(call: PoolCall, event: SpeechEvent): void {
    const told = call.ledger.take(event);
    if (told.length === 0) return;
    if (event.type === 'final') {
      this.#delays.add(event.delayMs, this.#clock.nowMs());
      this.#options.metrics.finalDelay(event.delayMs);
    }
    for (const each of told) this.#tell(each);
    if (event.type === 'progress' || event.type === 'finished') {
      this.#options.feed.decided(call.ledger.callId, event.side, call.ledger.decided[event.side] ?? 0);
    }
    if (call.ledger.finished) this.#forget(call);
  }

  /** The whole call, or one side of it. */
  #giveUp(call: PoolCall, side?: ChannelSide): void {
    for (const event of call.ledger.giveUp(side)) this.#tell(event);
    if (call.ledger.finished) this.#forget(call);
  }

  #tell(event: AsrEvent): void {
    this.#options.metrics.event(event);
    this.#options.emit(event);
  }

  #remember(callId: string, hints: CallHints): PoolCall {
    const call: PoolCall = { ledger: new CallLedger(callId), hints, slot: undefined, epoch: 0 };
    this.#calls.set(callId, call);
    this.#options.metrics.calls(this.#calls.size);
    return call;
  }

  #forget(call: PoolCall): void {
    this.#calls.delete(call.ledger.callId);
    this.#options.metrics.calls(this.#calls.size);
  }
}

function withLanguage(start: SideStart, { language, sideLanguages = {} }: CallHints): SideStart {
  const spoken = sideLanguages[start.side] ?? language;
  return spoken === undefined ? start : { ...start, language: spoken };
}
