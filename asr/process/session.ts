import type { ChannelSide } from '#sip/types.ts';
import type { Clock } from '#lib/clock.ts';
import type { EngineRequest, EngineResult, RecogniserEngine } from '../engines/types.ts';
import type { Drafting, DraftRequest } from '../partials/drafting.ts';
import { Cadence } from '../schedule/cadence.ts';
import { Overload } from '../schedule/overload.ts';
import { Rounds } from '../schedule/rounds.ts';
import { chooseBatch, type Candidate } from '../schedule/schedule.ts';
import type { OpenSegment } from '../segments/segmenter.ts';
import { StreamSpeakers } from '../speakers/diarization/stream-speakers.ts';
import { isDiarized, type SpeakerSettings } from '../speakers/open.ts';
import type { SpeechWindow } from '../speakers/diarization/speech-windows.ts';
import { clusterOptions } from '../speakers/diarization/voices.ts';
import type { SpeakerModel } from '../speakers/types.ts';
import { CallEcho } from '../sound/echo/call-echo.ts';
import { looksLikeSpeech } from '../vad/second-look.ts';
import type { Vad, VadRow } from '../vad/silero.ts';
import { Backlog } from './backlog.ts';
import { Channel } from './channel.ts';
import type { LoadReport, SideStart, SpeechEvent } from './messages.ts';
import type { SpoolKey } from './spool.ts';
import { WaitingRoom } from './waiting-room.ts';

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

type Work =
  | {
      readonly channel: Channel;
      readonly drafting: Drafting;
      readonly request: DraftRequest;
      readonly open: OpenSegment;
    }
  | { readonly channel: Channel; readonly pcm: Int16Array; readonly draft: readonly number[] };

/** Rounds of the voice activity detector in one step: a second of audio of every channel. */
const roundsPerStep = 32;
/** Rows of one run of the detector. */
const vadRows = 64;
/** Windows of one run of the speaker model: some 40 ms. */
const speakerRows = 16;
const samplesPerMs = 8;
const defaultRoomSamples = 8000 * 600;
/** A channel with so much audio in line for finals is not looked at further: the rest waits where it may be spooled. */
const mostInLineSamples = 8000 * 32;
/** Between the end of speech and its margin and a pause's text without waiting for a round. */
const pausePatienceMs = 200;

/**
 * All that one process recognises: channels in, events out. `step` does the next piece of work and blocks the thread
 * meanwhile; whoever drives it lets the sockets speak between two steps.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #calls = new Map<string, SessionCall>();
  readonly #cadence: Cadence;
  /** Of partials. */
  readonly #rounds = new Rounds<Drafting>();
  readonly #overload = new Overload();
  readonly #room: WaitingRoom;
  #engine: RecogniserEngine | undefined;
  #counts = { busyMs: 0, heardSamples: 0, finals: 0, partials: 0 };
  #reportedMs: number;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#room = options.room ?? new WaitingRoom({ memorySamples: defaultRoomSamples });
    this.#cadence = new Cadence(options.clock.nowMs());
    this.#reportedMs = options.clock.nowMs();
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
    const seen = await this.#detect(live);
    const worked = await this.#recognise(engine, live);
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
      const seen = await this.#detect(channels);
      const worked = await this.#recognise(engine, channels);
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
    const { busyMs, heardSamples, finals, partials } = this.#counts;
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
    this.#counts = { busyMs: 0, heardSamples: 0, finals: 0, partials: 0 };
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

  async #detect(all: readonly Channel[]): Promise<boolean> {
    const { clock, vad } = this.#options;
    const startMs = clock.nowMs();
    let any = false;
    const channels = all.filter((channel) => !channel.finished);
    const ready = channels.filter((channel) => channel.waitingSamples < mostInLineSamples);
    for (let round = 0; round < roundsPerStep; round += 1) {
      const due: { readonly channel: Channel; readonly row: VadRow }[] = [];
      let silent = 0;
      for (const channel of ready) {
        const row = channel.nextFrame(clock.nowMs());
        if (row === undefined) continue;
        if (channel.isSilence(row)) {
          this.#heard(channel, row, 0);
          silent += 1;
        } else due.push({ channel, row });
      }
      if (due.length + silent === 0) break;
      any = true;
      for (let at = 0; at < due.length; at += vadRows) await this.#detectRows(due.slice(at, at + vadRows));
    }
    if (await this.#tellApart(channels)) any = true;
    for (const channel of channels) {
      channel.settle(clock.nowMs());
      // Its last words may just have been cut.
      if ((channel.speakers?.waiting ?? 0) > 0) any = true;
      const sound = channel.doubtful;
      if (sound === undefined) continue;
      any = true;
      channel.judge(await looksLikeSpeech(vad, sound), clock.nowMs());
      channel.settle(clock.nowMs());
    }
    this.#spent(startMs, 'other');
    return any;
  }

  async #detectRows(due: readonly { readonly channel: Channel; readonly row: VadRow }[]): Promise<void> {
    const probabilities = await this.#options.vad.detect(due.map((each) => each.row));
    due.forEach(({ channel, row }, index) => this.#heard(channel, row, probabilities[index] ?? 0));
  }

  #heard(channel: Channel, row: VadRow, probability: number): void {
    channel.heard(row, probability, this.#options.clock.nowMs());
    this.#counts.heardSamples += row.pcm.length;
  }

  /** Before what was said there is recognised: then its words have a speaker at once. */
  async #tellApart(channels: readonly Channel[]): Promise<boolean> {
    const model = this.#options.speakers?.model;
    if (model === undefined) return false;
    const due: { readonly speakers: StreamSpeakers; readonly window: SpeechWindow }[] = [];
    for (const { speakers } of channels) {
      for (const window of speakers?.take(speakerRows - due.length) ?? []) {
        if (speakers !== undefined) due.push({ speakers, window });
      }
    }
    if (due.length === 0) return false;
    const vectors = await model.embed(due.map(({ window }) => window.pcm));
    due.forEach(({ speakers, window }, index) => {
      const vector = vectors[index];
      if (vector !== undefined) speakers.embedded(window, vector);
    });
    return true;
  }

  async #recognise(engine: RecogniserEngine, channels: readonly Channel[]): Promise<boolean> {
    const { clock } = this.#options;
    const batch = chooseBatch(this.#candidates(engine, channels));
    if (batch.length === 0) return false;
    const startMs = clock.nowMs();
    const results = await engine.recognise(batch.map(({ owner, kind }) => requestOf(owner, kind)));
    batch.forEach(({ owner }, index) => this.#apply(owner, results[index], engine.language));
    const partials = batch.filter(({ kind }) => kind === 'partial').length;
    this.#counts.partials += partials;
    this.#spent(startMs, partials > 0 ? 'partial' : 'other');
    return true;
  }

  #candidates(engine: RecogniserEngine, channels: readonly Channel[]): Candidate<Work>[] {
    const nowMs = this.#options.clock.nowMs();
    const candidates: Candidate<Work>[] = [];
    const intervalMs = this.#cadence.intervalMs(nowMs);
    this.#rounds.look(nowMs, intervalMs);
    for (const channel of channels) {
      this.#decideKnown(channel, engine.language);
      const final = channel.nextFinal;
      if (final !== undefined) {
        const { pcm, drafting, sinceMs } = final;
        const { draft } = drafting;
        const owner = { channel, pcm, draft };
        candidates.push({ owner, kind: 'final', sinceMs, samples: pcm.length, drafted: draft.length > 0 });
        continue;
      }
      const making = channel.inTheMaking;
      if (making === undefined) continue;
      const request = making.drafting.next(making.open, {
        partial: this.#rounds.has(making.drafting),
        pause: intervalMs < Infinity,
      });
      if (request === undefined) {
        this.#rounds.done(making.drafting);
        continue;
      }
      const waitedMs = waited(request, making.drafting, making.open) / samplesPerMs;
      // Most pauses go with the next round of partials.
      if (request.kind === 'pause' && !this.#rounds.isOpen && waitedMs < pausePatienceMs) continue;
      candidates.push({
        owner: { channel, drafting: making.drafting, request, open: making.open },
        kind: request.kind,
        sinceMs: nowMs - waitedMs,
        samples: request.endSample - request.startSample,
        drafted: request.draft.length > 0,
      });
    }
    if (!candidates.some(({ kind }) => kind === 'partial')) this.#rounds.end();
    return candidates;
  }

  /** Finals whose text was ready before the turn was over. */
  #decideKnown(channel: Channel, language: string): void {
    for (let first = channel.nextFinal; first !== undefined; first = channel.nextFinal) {
      const known = first.drafting.finalOf(first.segment);
      if (known === undefined) return;
      this.#counts.finals += 1;
      channel.decide(known, language, this.#options.clock.nowMs());
    }
  }

  #apply(work: Work, result: EngineResult | undefined, language: string): void {
    if (result === undefined) throw new Error('the engine gave fewer results than requests');
    if ('pcm' in work) {
      this.#counts.finals += 1;
      work.channel.decide(result, language, this.#options.clock.nowMs());
      return;
    }
    this.#rounds.done(work.drafting);
    work.drafting.asked(work.request, work.open);
    if (work.drafting.take(work.request, result)) work.channel.showPartial(work.drafting);
  }

  #spent(startMs: number, on: 'partial' | 'other'): void {
    const nowMs = this.#options.clock.nowMs();
    this.#counts.busyMs += nowMs - startMs;
    this.#cadence.took(on, nowMs - startMs, nowMs);
  }
}

function setWaits(call: SessionCall, waits: boolean): void {
  call.waits = waits;
  for (const channel of call.sides.values()) channel.waits = waits;
}

/** Samples since it could have been asked. A segment not yet asked about waits since it began, not since its call did. */
function waited(request: DraftRequest, drafting: Drafting, open: OpenSegment): number {
  if (request.kind === 'pause') return open.heardSample - request.endSample;
  return open.heardSample - Math.max(drafting.askedSample, open.startSample);
}

function requestOf(work: Work, kind: Candidate<Work>['kind']): EngineRequest {
  const { language, phrases } = work.channel;
  const known = { ...(language === undefined ? {} : { language }), ...(phrases === undefined ? {} : { phrases }) };
  if ('pcm' in work) return { pcm: work.pcm, speechSeen: true, purpose: 'final', draft: work.draft, ...known };
  const { startSample, endSample, draft } = work.request;
  const pcm = work.channel.audio(startSample, endSample);
  return { pcm, speechSeen: true, purpose: kind === 'partial' ? 'partial' : 'final', draft, ...known };
}
