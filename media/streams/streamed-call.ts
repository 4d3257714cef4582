import type { Clock } from '#lib/clock.ts';
import { KeyCodes, keyOf, type PauseCodes } from '#lib/key-codes.ts';
import type { IntakeCall, PartySide, PcmStream, PcmStreamFormat, TerminationReason } from '#sip/types.ts';
import { Feed, isSameFormat } from './feed.ts';
import type { StreamPeople } from '../types.ts';
import type { StreamParties } from './parties.ts';
import { Refused, refusalOf } from './refusals.ts';

/** One socket of a call. */
export interface Member {
  /** The house wants the call over: tell the sender, and let the socket go. */
  dismiss(reason: TerminationReason): void;
  /** A stream of it could not be had. */
  refuse(refused: Refused): void;
  droppedMs(ms: number): void;
}

export type Leaving = 'sender-ended' | 'sender-lost';

/** A call whose sockets were all lost waits so long for one to come back. */
const comeBackMs = 5000;
/** The sockets of one call come one after the other: who is there by then has been there from the start. */
const fromTheStartMs = 3000;

interface Lane {
  readonly format: PcmStreamFormat;
  readonly stream: Promise<PcmStream>;
  /** Null: its sender has left, and may come back. */
  seat: Seat | null;
}

export interface StreamedCallSettings {
  readonly clock: Clock;
  readonly pauseCodes: PauseCodes;
  /** A call without any sound for so long is over. */
  readonly silentMs: number;
}

/**
 * A call fed by one socket or several. A side is taken once; a socket that comes back takes up the side that it lost. It
 * ends with the last socket: at once when that said so, after a while when it was lost.
 */
export class StreamedCall {
  /** Settles once the call has begun; rejects with what `CallIntake.begin` threw. */
  readonly begun: Promise<IntakeCall>;
  readonly #clock: Clock;
  readonly #parties: StreamParties;
  readonly #begunMs: number;
  readonly #lanes = new Map<PartySide, Lane>();
  readonly #seats = new Set<Seat>();
  readonly #pauseCodes: PauseCodes;
  readonly #pressedKeys = new Map<PartySide, KeyCodes>();
  readonly #onOver: () => void;
  #comeBack: NodeJS.Timeout | undefined;
  /** Media watches streams; of a call that has none yet nobody else would ever tire. */
  readonly #soundless: NodeJS.Timeout;
  #over = false;
  #ending: Promise<void> = Promise.resolve();

  constructor(
    begun: Promise<IntakeCall>,
    parties: StreamParties,
    { clock, pauseCodes, silentMs }: StreamedCallSettings,
    onOver: () => void,
  ) {
    this.begun = begun;
    this.#parties = parties;
    this.#clock = clock;
    this.#pauseCodes = pauseCodes;
    this.#begunMs = clock.nowMs();
    this.#onOver = onOver;
    this.#soundless = setTimeout(() => this.end('rtp-timeout'), silentMs);
    begun.then(
      (call) => call.onEndWanted((reason) => this.end(reason)),
      (thrown: unknown) => {
        this.#finish();
        const refused = refusalOf(thrown);
        for (const { member } of this.#seats) member.refuse(refused);
      },
    );
  }

  /** Sides that have a stream now. */
  get takenSides(): ReadonlySet<PartySide> {
    return new Set([...this.#lanes].flatMap(([side, { seat }]) => (seat === null ? [] : [side])));
  }

  /** Sides that have, or had, a stream. */
  get sides(): ReadonlySet<PartySide> {
    return new Set(this.#lanes.keys());
  }

  sit(member: Member, known: StreamPeople): Seat {
    clearTimeout(this.#comeBack);
    const seat = new Seat(this, member);
    this.#seats.add(seat);
    this.#parties.learn(known);
    if (this.#lanes.size > 0) this.#tellParties();
    return seat;
  }

  /**
   * The first free one of the sides that are wanted; at once, its stream follows.
   * @throws Refused `side-taken`, `format-changed`
   */
  open(seat: Seat, wanted: readonly PartySide[], format: PcmStreamFormat): Feed {
    const side = wanted.find((each) => (this.#lanes.get(each)?.seat ?? null) === null);
    if (side === undefined) {
      this.#note('stream-not-taken', 'side-taken');
      throw new Refused('side-taken');
    }
    const left = this.#lanes.get(side);
    if (left !== undefined && !isSameFormat(left.format, format)) {
      this.#note('stream-not-taken', 'format-changed');
      throw new Refused('format-changed');
    }
    const feed = new Feed(side, format, {
      nowMs: () => this.#clock.nowMs(),
      onDropped: (ms) => seat.member.droppedMs(ms),
      onKey: (spelled) => this.#pressed(side, spelled),
    });
    const stream = left?.stream ?? this.begun.then((call) => call.fork.addPcm(side, format));
    this.#lanes.set(side, { format, stream, seat });
    clearTimeout(this.#soundless);
    if (left === undefined) this.#tellParties();
    else this.#note('stream-back', side);
    stream.then(
      (opened) => feed.open(opened),
      (thrown: unknown) => seat.member.refuse(refusalOf(thrown)),
    );
    return feed;
  }

  leave(seat: Seat, how: Leaving): void {
    if (!this.#seats.delete(seat)) return;
    for (const [side, lane] of this.#lanes) {
      if (lane.seat !== seat) continue;
      lane.seat = null;
      if (how === 'sender-lost') this.#note('stream-lost', side);
    }
    if (this.#over || this.#seats.size > 0) return;
    if (how === 'sender-ended') this.end(how);
    else this.#comeBack = setTimeout(() => this.end(how), comeBackMs);
  }

  /** Lets all sockets go and ends the call. */
  end(reason: TerminationReason): void {
    if (this.#over) return;
    this.#finish();
    for (const seat of this.#seats) seat.member.dismiss(reason);
    this.#ending = this.begun.then(
      (call) => call.end(reason),
      () => undefined,
    );
  }

  /** Resolves when the call that was ended is closed. */
  ended(): Promise<void> {
    return this.#ending;
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#comeBack);
    clearTimeout(this.#soundless);
    this.#onOver();
  }

  /** By keys that the configuration names, whoever presses them. */
  #pressed(side: PartySide, spelled: unknown): void {
    const key = keyOf(spelled);
    if (key === undefined) return;
    let codes = this.#pressedKeys.get(side);
    if (codes === undefined) this.#pressedKeys.set(side, (codes = new KeyCodes(this.#pauseCodes)));
    const paused = codes.press(key, this.#clock.nowMs());
    if (paused === undefined) return;
    this.begun.then(
      (call) => call.pause(paused, 'dtmf'),
      () => undefined,
    );
  }

  #tellParties(): void {
    const sinceMs = Math.round(this.#clock.nowMs() - this.#begunMs);
    const parties = this.#parties.list(this.sides, sinceMs < fromTheStartMs ? 0 : sinceMs);
    this.begun.then(
      (call) => call.parties(parties),
      () => undefined,
    );
  }

  #note(note: string, detail: string): void {
    this.begun.then(
      (call) => call.note(note, detail),
      () => undefined,
    );
  }
}

/** What one socket has of a call. */
export class Seat {
  readonly member: Member;
  readonly call: StreamedCall;

  constructor(call: StreamedCall, member: Member) {
    this.call = call;
    this.member = member;
  }

  feed(wanted: readonly PartySide[], format: PcmStreamFormat): Feed {
    return this.call.open(this, wanted, format);
  }

  leave(how: Leaving): void {
    this.call.leave(this, how);
  }
}
