import type { Clock } from '#lib/clock.ts';
import type { EngineRequest, EngineResult, RecogniserEngine } from '../engines/types.ts';
import type { Drafting, DraftRequest } from '../partials/drafting.ts';
import type { Cadence } from '../schedule/cadence.ts';
import { Rounds } from '../schedule/rounds.ts';
import { chooseBatch, type Candidate } from '../schedule/schedule.ts';
import type { OpenSegment } from '../segments/segmenter.ts';
import type { Channel } from './channel.ts';
import type { WorkMeter } from './work-meter.ts';

type Work =
  | {
      readonly channel: Channel;
      readonly drafting: Drafting;
      readonly request: DraftRequest;
      readonly open: OpenSegment;
    }
  | { readonly channel: Channel; readonly pcm: Int16Array; readonly draft: readonly number[] };

const samplesPerMs = 8;
/** Between the end of speech and its margin and a pause's text without waiting for a round. */
const pausePatienceMs = 200;

/** Finals, pauses and partials of the channels of a process, in batches. */
export class Recognition {
  readonly #clock: Clock;
  readonly #cadence: Cadence;
  readonly #meter: WorkMeter;
  /** Of partials. */
  readonly #rounds = new Rounds<Drafting>();

  constructor(clock: Clock, cadence: Cadence, meter: WorkMeter) {
    this.#clock = clock;
    this.#cadence = cadence;
    this.#meter = meter;
  }

  /** The next batch of these channels. False when there is none. */
  async recognise(engine: RecogniserEngine, channels: readonly Channel[]): Promise<boolean> {
    const clock = this.#clock;
    const batch = chooseBatch(this.#candidates(engine, channels));
    if (batch.length === 0) return false;
    const startMs = clock.nowMs();
    const results = await engine.recognise(batch.map(({ owner, kind }) => requestOf(owner, kind)));
    batch.forEach(({ owner }, index) => this.#apply(owner, results[index], engine.language));
    const partials = batch.filter(({ kind }) => kind === 'partial').length;
    this.#meter.partials += partials;
    this.#meter.spent(startMs, partials > 0 ? 'partial' : 'other');
    return true;
  }

  #candidates(engine: RecogniserEngine, channels: readonly Channel[]): Candidate<Work>[] {
    const nowMs = this.#clock.nowMs();
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
      this.#meter.finals += 1;
      channel.decide(known, language, this.#clock.nowMs());
    }
  }

  #apply(work: Work, result: EngineResult | undefined, language: string): void {
    if (result === undefined) throw new Error('the engine gave fewer results than requests');
    if ('pcm' in work) {
      this.#meter.finals += 1;
      work.channel.decide(result, language, this.#clock.nowMs());
      return;
    }
    this.#rounds.done(work.drafting);
    work.drafting.asked(work.request, work.open);
    if (work.drafting.take(work.request, result)) work.channel.showPartial(work.drafting);
  }
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
