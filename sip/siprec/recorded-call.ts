import { hasCode } from '#lib/errors.ts';
import type { ForkedCall } from '../forks/forked-call.ts';
import type { PartySide, RtpStream, TerminationReason } from '../types.ts';
import type { AssignedLine } from './sides.ts';
import type { Parties, UndescribedParty } from './parties.ts';
import type { RecordingState } from './recording-state.ts';

/** A dialog that feeds a recorded call. Mostly one; Cisco's network-based recording has one for each end. */
export interface Feeder {
  /** BYE, because the house wants the call over. Resolves when it is answered or given up; never rejects. */
  hangUp(): Promise<void>;
  readonly lines: readonly AssignedLine[];
}

/** One call of which a recording client sends copies: its streams by side, its parties, the dialogs that feed it. */
export class RecordedCall {
  readonly forked: ForkedCall;
  readonly #feeders = new Set<Feeder>();
  readonly #streams = new Map<PartySide, RtpStream>();
  readonly #parties: Parties;
  #undescribed: (side: PartySide) => UndescribedParty;
  readonly #nowMs: () => number;
  #state: RecordingState;
  #answeredMs: number | undefined;
  #onEnded: (() => void) | undefined;
  #over = false;
  readonly #claimed = new Set<PartySide>();

  constructor(
    forked: ForkedCall,
    options: {
      readonly parties: Parties;
      readonly state: RecordingState;
      readonly nowMs: () => number;
      readonly undescribed: (side: PartySide) => UndescribedParty;
    },
  ) {
    this.forked = forked;
    this.#parties = options.parties;
    this.#state = options.state;
    this.#nowMs = options.nowMs;
    this.#undescribed = options.undescribed;
    forked.onEndWanted((reason) => void this.#endWanted(reason));
  }

  get state(): RecordingState {
    return this.#state;
  }

  set state(state: RecordingState) {
    this.#state = state;
  }

  /** What is known of parties that no metadata describes has changed. */
  describe(undescribed: (side: PartySide) => UndescribedParty): void {
    this.#undescribed = undescribed;
  }

  answered(): void {
    this.#answeredMs ??= this.#nowMs();
    this.forked.answered();
  }

  /** Whether a further dialog may feed this side: not once the call is over, and each side by one dialog. */
  claim(side: PartySide): boolean {
    if (this.#over || this.#claimed.has(side)) return false;
    this.#claimed.add(side);
    return true;
  }

  /** Told once, when the last dialog has gone or the house has ended it; at once where it has. */
  onEnded(listener: () => void): void {
    if (this.#over) listener();
    else this.#onEnded = listener;
  }

  add(feeder: Feeder): void {
    this.#feeders.add(feeder);
  }

  /** The dialog is over. The call is, when no other feeds it. */
  async remove(feeder: Feeder, reason: TerminationReason): Promise<void> {
    this.#feeders.delete(feeder);
    if (this.#feeders.size === 0) await this.#end(reason);
    else this.forked.note('stream-ended', reason);
  }

  /** The dialog never came up: its client was answered `sipStatus`. */
  async refuse(feeder: Feeder, reason: TerminationReason, sipStatus: number): Promise<void> {
    this.#feeders.delete(feeder);
    if (this.#feeders.size > 0) return;
    this.#finish();
    await this.forked.refuse(reason, sipStatus);
  }

  /**
   * The side's stream, with its ports; the same for the side's whole life, whichever m-line feeds it.
   * @returns undefined when media has no place for it
   * @throws SidetoneError `ports-exhausted`, `media-worker-lost`
   */
  async stream(side: PartySide): Promise<RtpStream | undefined> {
    const known = this.#streams.get(side);
    if (known !== undefined) return known;
    try {
      const stream = await this.forked.fork.addRtp(side);
      this.#streams.set(side, stream);
      return stream;
    } catch (thrown) {
      if (hasCode(thrown, 'bad-request')) return undefined;
      throw thrown;
    }
  }

  /** Sides that another dialog of the call feeds. */
  takenBesides(feeder: Feeder): ReadonlySet<PartySide> {
    const others = [...this.#feeders].filter((each) => each !== feeder);
    return new Set(others.flatMap(({ lines }) => lines.flatMap(({ side }) => (side === null ? [] : [side]))));
  }

  /** Tells who takes part, after lines or metadata have changed. */
  updateParties(): void {
    const lines = [...this.#feeders].flatMap((feeder) => feeder.lines);
    const nowMs = this.#answeredMs === undefined ? 0 : Math.round(this.#nowMs() - this.#answeredMs);
    this.forked.parties(this.#parties.update(lines, this.#state, nowMs, this.#undescribed));
  }

  async #endWanted(reason: TerminationReason): Promise<void> {
    const ended = this.#end(reason);
    await Promise.all([...this.#feeders].map((feeder) => feeder.hangUp()));
    await ended;
  }

  #end(reason: TerminationReason): Promise<void> {
    this.#finish();
    return this.forked.end(reason);
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#onEnded?.();
  }
}
