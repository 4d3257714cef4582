import { StateMachine } from '#lib/state-machine.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { RedactionKind } from '../types.ts';
import { stepsOf, type PassageEvidence, type PassageStep } from './passage-steps.ts';

/**
 * The card passage, a state machine over the talk of all sides in the order of time. Digit-like words are sensitive in
 * every state but `ordinary`.
 *
 * - `ordinary`: nobody speaks of a card. A term that asks (`card number`, `security code`, `expiry`, `PIN`) leads to
 *   `asked`, a card merely spoken of to `mentioned`, a run that looks like a card's number or a dictation
 *   (dictation.ts) to `reading`.
 * - `mentioned`: a card was spoken of. Any run that is no quantity, and longer speech without text, leads to
 *   `reading`, an asking term to `asked`. Naming
 *   another number (`my order number is`) leads to `ordinary`, and so does ordinary talk.
 * - `asked`: the number was asked for or announced and has not come. Looking for the card takes long: it takes much
 *   ordinary talk to leave. Any digit-like run leads to `reading`.
 * - `reading`: digits have come. Each further run or term starts the count of ordinary talk anew; an asking term leads
 *   back to `asked`. It ends in `mentioned`: the code may yet come, though nobody understood the question for it.
 *
 * Ordinary talk closes a state once every side has said `eachSide` words of it and `total` together, or `alone` words
 * were said in all (a stream that carries everybody tells no sides apart), or `quietMs` have passed, counted from the
 * last term or digit. Only the words of plain turns count
 * (plain-talk.ts), in `mentioned` also those of turns surely heard: garbled and terse ones may be digits. A name does
 * not close `asked` or `reading`: fail closed.
 */
type PassageState = 'ordinary' | 'mentioned' | 'asked' | 'reading';

interface Closing {
  readonly eachSide: number;
  readonly total: number;
  readonly alone: number;
  readonly quietMs: number;
}

const closings: Readonly<Record<Exclude<PassageState, 'ordinary'>, Closing>> = {
  mentioned: { eachSide: 2, total: 8, alone: 14, quietMs: 30_000 },
  asked: { eachSide: 8, total: 40, alone: 60, quietMs: 60_000 },
  reading: { eachSide: 3, total: 12, alone: 25, quietMs: 30_000 },
};

const transitions: Readonly<Record<PassageState, readonly PassageState[]>> = {
  ordinary: ['mentioned', 'asked', 'reading'],
  mentioned: ['ordinary', 'asked', 'reading'],
  asked: ['ordinary', 'asked', 'reading'],
  reading: ['mentioned', 'asked'],
};

/** A stretch of time in one state. `kind`: what was asked for last; null while only digits tell of a card. */
export interface PassageSpan {
  readonly startMs: number;
  /** Infinity while the state lasts. */
  readonly endMs: number;
  readonly state: Exclude<PassageState, 'ordinary'>;
  readonly kind: RedactionKind | null;
}

export function passagesOf(evidence: PassageEvidence): PassageSpan[] {
  const machine = new PassageMachine(evidence.sides);
  for (const step of stepsOf(evidence)) machine.take(step);
  return machine.spans();
}

class PassageMachine {
  readonly #machine = new StateMachine<PassageState>('ordinary', transitions);
  #kind: RedactionKind | null = null;
  #sinceMs = 0;
  #lastMs = 0;
  readonly #sides: PassageEvidence['sides'];
  readonly #talk = new Map<ChannelSide, number>();
  readonly #spans: PassageSpan[] = [];

  constructor(sides: PassageEvidence['sides']) {
    this.#sides = sides;
  }

  take(step: PassageStep): void {
    this.#closeIfQuiet(step.atMs);
    switch (step.type) {
      case 'term':
        if (step.term.asks) this.#go('asked', step.atMs, step.term.kind);
        else if (this.#state === 'ordinary') this.#go('mentioned', step.atMs, step.term.kind);
        else this.#refresh(step.atMs);
        return;
      case 'card-run':
        if (this.#state !== 'reading') this.#go('reading', step.atMs, this.#kind);
        return;
      case 'run':
        if (this.#state === 'ordinary') return;
        if (this.#state === 'reading') this.#refresh(step.atMs);
        else this.#go('reading', step.atMs, this.#kind);
        return;
      case 'quantity':
        if (this.#state === 'asked') this.#go('reading', step.atMs, this.#kind);
        else if (this.#state === 'reading') this.#refresh(step.atMs);
        return;
      case 'name':
        if (this.#state === 'mentioned') this.#go('ordinary', step.atMs, null);
        return;
      case 'talk':
        if (step.plain || this.#state === 'mentioned') this.#talked(step.side, step.atMs);
        return;
      default:
        step satisfies never;
    }
  }

  spans(): PassageSpan[] {
    this.#endSpan(Number.POSITIVE_INFINITY);
    return this.#spans;
  }

  #talked(side: ChannelSide, atMs: number): void {
    if (this.#state === 'ordinary') return;
    this.#talk.set(side, (this.#talk.get(side) ?? 0) + 1);
    const { eachSide, total, alone } = closings[this.#state];
    const all = [...this.#talk.values()].reduce((sum, words) => sum + words, 0);
    const sides = this.#sides.filter(({ fromMs }) => fromMs <= atMs);
    const least = Math.min(...sides.map((of) => this.#talk.get(of.side) ?? 0));
    if ((sides.length > 1 && least >= eachSide && all >= total) || all >= alone) this.#close(atMs);
  }

  #closeIfQuiet(atMs: number): void {
    if (this.#state === 'ordinary') return;
    const endMs = this.#lastMs + closings[this.#state].quietMs;
    if (atMs <= endMs) return;
    this.#close(endMs);
    this.#closeIfQuiet(atMs);
  }

  #close(atMs: number): void {
    if (this.#state === 'reading') this.#go('mentioned', atMs, this.#kind);
    else this.#go('ordinary', atMs, null);
  }

  #refresh(atMs: number): void {
    this.#lastMs = atMs;
    this.#talk.clear();
  }

  #go(state: PassageState, atMs: number, kind: RedactionKind | null): void {
    this.#endSpan(atMs);
    this.#machine.enter(state);
    this.#kind = kind;
    this.#sinceMs = atMs;
    this.#refresh(atMs);
  }

  get #state(): PassageState {
    return this.#machine.state;
  }

  #endSpan(endMs: number): void {
    if (this.#state === 'ordinary') return;
    this.#spans.push({ startMs: this.#sinceMs, endMs, state: this.#state, kind: this.#kind });
  }
}

/** Whether digits are awaited or read; where a card is merely spoken of, only plain runs are masked. */
export function isStrict(span: PassageSpan | null): span is PassageSpan {
  return span !== null && span.state !== 'mentioned';
}

export function spanAt(spans: readonly PassageSpan[], atMs: number): PassageSpan | null {
  return spans.findLast((span) => span.startMs <= atMs && atMs < span.endMs) ?? null;
}
