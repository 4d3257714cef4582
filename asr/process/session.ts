import type { ChannelSide } from '#sip/types.ts';
import type { Clock } from '#lib/clock.ts';
import type { RecogniserEngine } from '../engines/types.ts';
import { Cadence } from '../schedule/cadence.ts';
import { Overload } from '../schedule/overload.ts';
import { StreamSpeakers } from '../speakers/diarization/stream-speakers.ts';
import { isDiarized, type SpeakerSettings } from '../speakers/open.ts';
import { clusterOptions } from '../speakers/diarization/voices.ts';
import type { SpeakerModel } from '../speakers/types.ts';
import { CallEcho } from '../sound/echo/call-echo.ts';
import type { Vad } from '../vad/silero.ts';
import { Backlog } from './backlog.ts';
import { Channel } from './channel.ts';
import { Detection } from './detection.ts';
import type { LoadReport, SideStart, SpeechEvent } from './messages.ts';
import { Recognition } from './recognition.ts';
import type { SpoolKey } from './spool.ts';
import { WaitingRoom } from './waiting-room.ts';
import { WorkMeter } from './work-meter.ts';

export interface SessionOptions {
  readonly vad: Vad;
  readonly clock: Clock;
  readonly emit: (callId: string, epoch: number, event: SpeechEvent) => void;
  /** Where audio waits that cannot be looked at yet; by default ten minutes of it, in memory. */
  readonly room?: WaitingRoom;
  /** False: no channel is looked for on another of its call, as where all of them are alike on purpose. */
  readonly copies?: boolean;
  /** Tells speakers apart on the sides that `settings` name. */
  readonly speakers?: { readonly model: SpeakerModel; readonly settings: SpeakerSettings };
}

interface SessionCall {
  readonly sides: Map<ChannelSide, Channel>;
  readonly key: SpoolKey;
  /** Its turn comes when nothing else is to be done. */
  waits: boolean;
}

const samplesPerMs = 8;
const defaultRoomSamples = 8000 * 600;

/**
 * All that one process recognises: channels in, events out. `step` does the next piece of work and blocks the thread
 * meanwhile; whoever drives it lets the sockets speak between two steps.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #calls = new Map<string, SessionCall>();
  readonly #cadence: Cadence;
  readonly #meter: WorkMeter;
  readonly #detection: Detection;
  readonly #recognition: Recognition;
  readonly #overload = new Overload();
  readonly #room: WaitingRoom;
  #engine: RecogniserEngine | undefined;
  #reportedMs: number;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#room = options.room ?? new WaitingRoom({ memorySamples: defaultRoomSamples });
    const { clock, vad } = options;
    this.#cadence = new Cadence(clock.nowMs());
    this.#meter = new WorkMeter(clock, this.#cadence);
    this.#detection = new Detection({ vad, clock, voices: options.speakers?.model }, this.#meter);
    this.#recognition = new Recognition(clock, this.#cadence, this.#meter);
    this.#reportedMs = clock.nowMs();
  }

  /** Until an engine is there, audio is kept and nothing is recognised. */
  use(engine: RecogniserEngine): void {
    this.#engine = engine;
  }

  /** `phrases`: names and terms that are likelier in it, the likeliest first. */
  open(callId: string, epoch: number, sides: readonly SideStart[], phrases?: readonly string[]): void {
    this.abandon(callId);
    const known = this.#knownPhrases(phrases);
    for (const start of sides) this.addSide(callId, epoch, start, known);
  }

  addSide(callId: string, epoch: number, start: SideStart, phrases?: readonly string[]): void {
    const { side, fromSample, nextSegment, language } = start;
    const call: SessionCall = this.#calls.get(callId) ?? { sides: new Map(), key: this.#room.keyOf(), waits: false };
    this.#calls.set(callId, call);
    const emit = (event: SpeechEvent): void => {
      if (this.#calls.get(callId) === call) this.#options.emit(callId, epoch, event);
    };
    const { speakers, vad } = this.#options;
    const told =
      speakers !== undefined && isDiarized(side, speakers.settings)
        ? new StreamSpeakers(fromSample, clusterOptions(speakers.model), (turns, voices, settled) =>
            emit({ type: 'speakers', side, turns, voices, sameVoice: speakers.model.sameVoice, settled }),
          )
        : undefined;
    const channel = new Channel({
      side,
      fromSample,
      nextSegment,
      language,
      phrases: this.#knownPhrases(phrases),
      stream: vad.createStream(),
      backlog: new Backlog(this.#room, call.key),
      emit,
      echo: new CallEcho(side, () => (this.#options.copies === false ? [] : call.sides.values())),
      ...(told === undefined ? {} : { speakers: told }),
    });
    channel.waits = call.waits;
    call.sides.set(side, channel);
  }

  abandon(callId: string): void {
    for (const channel of this.#calls.get(callId)?.sides.values() ?? []) channel.close();
    this.#calls.delete(callId);
  }

  channel(callId: string, side: ChannelSide): Channel | undefined {
    return this.#calls.get(callId)?.sides.get(side);
  }

  /** Ends every channel where it is. */
  endAll(): void {
    for (const channel of this.#channels()) channel.endHere(this.#options.clock.nowMs());
  }

  get isIdle(): boolean {
    return this.#calls.size === 0;
  }

  /** Samples held that are not decided because the process is behind. */
  get backlogSamples(): number {
    return this.#channels().reduce((sum, each) => sum + each.unseenSamples + each.waitingSamples, 0);
  }

  /** The next piece of work. False when there is nothing to do before more audio comes. */
  async step(): Promise<boolean> {
    const engine = this.#engine;
    if (engine === undefined) return false;
    const live = this.#channels((call) => !call.waits);
    const seen = await this.#detection.detect(live);
    const worked = await this.#recognition.recognise(engine, live);
    const caughtUp = !seen && !worked && (await this.#catchUp(engine));
    this.#giveWay();
    for (const [callId, { sides }] of this.#calls) {
      if ([...sides.values()].every((channel) => channel.finished)) this.#calls.delete(callId);
    }
    return seen || worked || caughtUp;
  }

  /** A step of the call that has waited longest. It waits no more once nothing of it is left to be done. */
  async #catchUp(engine: RecogniserEngine): Promise<boolean> {
    for (const call of this.#calls.values()) {
      if (!call.waits) continue;
      const channels = [...call.sides.values()];
      const seen = await this.#detection.detect(channels);
      const worked = await this.#recognition.recognise(engine, channels);
      if (seen || worked) return true;
      setWaits(call, false);
    }
    return false;
  }

  /** Tells every side of the step that holds for it, and puts a call to wait when it must be. */
  #giveWay(): void {
    const nowMs = this.#options.clock.nowMs();
    const live = this.#channels((call) => !call.waits);
    const lateMs = live.reduce((most, channel) => Math.max(most, channel.lateMs(nowMs)), 0);
    const partialIntervalMs = this.#cadence.intervalMs(nowMs);
    if (this.#overload.see({ partialIntervalMs, lateMs }, nowMs)) this.#putToWait(nowMs);
    const { step } = this.#overload;
    for (const { sides, waits } of this.#calls.values()) {
      for (const channel of sides.values()) channel.tellStep(waits ? 'waiting' : step);
    }
  }

  /** The call that is furthest behind, by a second at least (its audio may have come all at once), else the newest. */
  #putToWait(nowMs: number): void {
    const live = [...this.#calls.values()].filter(({ waits }) => !waits);
    const late = live.map(({ sides }) => Math.max(0, ...[...sides.values()].map((channel) => channel.lateMs(nowMs))));
    const latestMs = Math.max(...late);
    const call = live.findLast((_, index) => (late[index] ?? 0) > latestMs - 1000);
    if (call !== undefined) setWaits(call, true);
  }

  report(): LoadReport {
    const nowMs = this.#options.clock.nowMs();
    const channels = this.#channels();
    const { busyMs, heardSamples, finals, partials } = this.#meter.take();
    const interval = this.#cadence.intervalMs(nowMs);
    const report: LoadReport = {
      channels: channels.length,
      busy: Math.min(1, busyMs / Math.max(1, nowMs - this.#reportedMs)),
      heardS: heardSamples / 8000,
      finals,
      partials,
      malformedFrames: 0,
      partialIntervalMs: Number.isFinite(interval) ? interval : -1,
      backlogMs: channels.reduce((most, each) => Math.max(most, each.unseenSamples), 0) / samplesPerMs,
      step: this.#overload.step,
      waitingCalls: [...this.#calls.values()].filter(({ waits }) => waits).length,
      spooledBytes: this.#room.spooledBytes,
      droppedS: this.#room.takeDropped() / 8000,
    };
    this.#reportedMs = nowMs;
    return report;
  }

  #channels(wanted: (call: SessionCall) => boolean = () => true): Channel[] {
    const channels: Channel[] = [];
    for (const call of this.#calls.values()) if (wanted(call)) channels.push(...call.sides.values());
    return channels;
  }

  /** The very array of a call that lists the same: whoever makes something of it makes it once for all of them. */
  #knownPhrases(phrases: readonly string[] | undefined): readonly string[] | undefined {
    if (phrases === undefined || phrases.length === 0) return undefined;
    const isSame = (known: readonly string[] | undefined): boolean =>
      known === phrases ||
      (known?.length === phrases.length && known.every((phrase, index) => phrase === phrases[index]));
    return this.#channels().find((channel) => isSame(channel.phrases))?.phrases ?? phrases;
  }
}

function setWaits(call: SessionCall, waits: boolean): void {
  call.waits = waits;
  for (const channel of call.sides.values()) channel.waits = waits;
}
