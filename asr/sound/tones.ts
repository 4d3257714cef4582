import { cadencePlans, type CadencePlan } from './cadence.ts';
import { frameSamples, speechProbability, type Stretch } from './facts.ts';
import { Pulses, type Pulse } from './pulses.ts';

/** Of a fifth, and of what frames of 32 ms cannot tell. */
const toleranceShare = 0.2;
const toleranceMs = 70;
const toleranceHz = 10;
/** Fax answering tones last 2.6 to 4 s. */
const onceToleranceMs = 800;
/** Of the energy of what is taken for a tone of the network, or a beep. */
const leastShare = 0.85;
/** After this long without another the last one was the last: the longest pause of any plan, and its tolerance. */
const patienceSamples = 5400 * 8;
const beepMs = { shortest: 180, longest: 1600 } as const;
const leastBeepHz = 350;
/** A pure tone: a child's held vowel comes to 0.94. */
const leastBeepShare = 0.97;
/** Tones closer together than this are a chime. */
const chimeSamples = 400 * 8;
/** Somebody spoke for so long, no longer ago than this: a beep follows a greeting. */
const greetingFrames = 20;
const greetingSamples = 15 * 8000;

/** Pulses of the same frequencies, none of them long after the one before. */
interface Train {
  readonly pulses: Pulse[];
  readonly plans: readonly CadencePlan[];
  /** Speech came before its first, and no other tone just before. */
  readonly greeted: boolean;
}

/**
 * Names the tones of one channel by frequencies and cadence. Pulses that belong together make a train; it ends when
 * nothing like it follows within `patienceSamples`. Its first and last pulse may be cut short (the call begins in it,
 * somebody answers). A train is of a plan when all its pulses and pauses are and enough of them are whole; a single
 * pulse of one frequency after speech that is of none is the beep of a voicemail.
 */
export class Tones {
  readonly #tell: (stretch: Stretch) => void;
  readonly #pulses = new Pulses();
  #train: Train | undefined;
  #spokenFrames = 0;
  #spokeSample = -Infinity;
  #soundedSample = -Infinity;

  constructor(tell: (stretch: Stretch) => void) {
    this.#tell = tell;
  }

  /** A tone is being heard, or was a moment ago. */
  get isSounding(): boolean {
    return this.#pulses.startSample !== undefined;
  }

  push(startSample: number, frame: Int16Array, power: number, probability: number): void {
    const pulse = this.#pulses.push(startSample, frame, power);
    if (pulse !== undefined) this.#take(pulse);
    if (probability >= speechProbability && !this.isSounding) {
      if (startSample - this.#spokeSample > greetingSamples) this.#spokenFrames = 0;
      this.#spokenFrames += 1;
      this.#spokeSample = startSample + frameSamples;
    }
    const last = this.#train?.pulses.at(-1);
    if (last === undefined || this.isSounding) return;
    if (startSample - last.endSample > patienceSamples) this.#endTrain();
  }

  /** The audio ends, or something is missing. */
  flush(): void {
    const pulse = this.#pulses.flush();
    if (pulse !== undefined) this.#take(pulse);
    this.#endTrain();
  }

  #take(pulse: Pulse): void {
    if (pulse.share < leastShare) {
      this.#endTrain();
      return;
    }
    const train = this.#train;
    const last = train?.pulses.at(-1);
    if (train !== undefined && last !== undefined) {
      const gapMs = (pulse.startSample - last.endSample) / 8;
      if (sameTones(pulse.hz, last.hz, 2 * toleranceHz) && fitsAny(train.plans, gapMs)) {
        train.pulses.push(pulse);
        this.#soundedSample = pulse.endSample;
        return;
      }
      this.#endTrain(pulse.startSample);
    }
    const isAlone = pulse.startSample - this.#soundedSample >= chimeSamples;
    this.#soundedSample = pulse.endSample;
    this.#train = {
      pulses: [pulse],
      plans: cadencePlans.filter((plan) => sameTones(plan.hz, pulse.hz, toleranceHz)),
      greeted:
        isAlone && this.#spokenFrames >= greetingFrames && pulse.startSample - this.#spokeSample <= greetingSamples,
    };
  }

  /** `nextSample`: where another tone begins. */
  #endTrain(nextSample = Infinity): void {
    const train = this.#train;
    this.#train = undefined;
    if (train === undefined) return;
    const { pulses, plans, greeted } = train;
    const [first, last] = [pulses[0]!, pulses.at(-1)!];
    const isAlone = greeted && nextSample - last.endSample >= chimeSamples;
    const kind = plans.find((plan) => isOfPlan(plan, pulses))?.kind ?? (isAlone && isBeep(pulses) ? 'beep' : undefined);
    if (kind !== undefined) this.#tell({ kind, startSample: first.startSample, endSample: last.endSample });
  }
}

function isOfPlan(plan: CadencePlan, pulses: readonly Pulse[]): boolean {
  const whole = pulses.filter((pulse) => fitsAnyOf(plan.onMs, durationMs(pulse), plan)).length;
  const cutShort = pulses.filter((pulse) => !fitsAnyOf(plan.onMs, durationMs(pulse), plan));
  const mayBeCut = cutShort.every(
    (pulse) =>
      (pulse === pulses[0] || pulse === pulses.at(-1)) && durationMs(pulse) < Math.max(...plan.onMs) + toleranceMs,
  );
  const gaps = pulses.slice(1).map((pulse, index) => (pulse.startSample - pulses[index]!.endSample) / 8);
  return whole >= plan.atLeast && mayBeCut && gaps.every((gap) => fitsAnyOf(plan.offMs, gap, plan));
}

function fitsAny(plans: readonly CadencePlan[], gapMs: number): boolean {
  return plans.some((plan) => fitsAnyOf(plan.offMs, gapMs, plan));
}

function fitsAnyOf(wantedMs: readonly number[], ms: number, plan: CadencePlan): boolean {
  const least = plan.offMs.length === 0 ? onceToleranceMs : toleranceMs;
  return wantedMs.some((wanted) => Math.abs(ms - wanted) <= Math.max(least, wanted * toleranceShare));
}

/** The same frequencies in whatever order, with one in either that the other does not have at most where it is faint. */
function sameTones(one: readonly number[], other: readonly number[], withinHz: number): boolean {
  const near = (hz: number, list: readonly number[]): boolean => list.some((each) => Math.abs(each - hz) <= withinHz);
  return one.length === other.length && one.every((hz) => near(hz, other)) && other.every((hz) => near(hz, one));
}

function isBeep(pulses: readonly Pulse[]): boolean {
  const [pulse, another] = pulses;
  if (pulse === undefined || another !== undefined || pulse.hz.length > 1) return false;
  const ms = durationMs(pulse);
  const isPure = pulse.share >= leastBeepShare && (pulse.hz[0] ?? 0) >= leastBeepHz;
  return isPure && ms >= beepMs.shortest && ms <= beepMs.longest;
}

function durationMs({ startSample, endSample }: Pulse): number {
  return (endSample - startSample) / 8;
}
