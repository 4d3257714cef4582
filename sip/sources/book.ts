import type { Clock } from '#lib/clock.ts';
import type { CallEvent, SourceBook, SourceIdentity, SourceRefusal, SourceState, TerminationReason } from '../types.ts';
import { Ladders, peerText } from './ladders.ts';
import { remarkOf } from './remarks.ts';
import { Source } from './source.ts';
import { remedyOf } from '../b2bua/remedies.ts';
import type { WireTap } from '../engine/wire-tap.ts';

const mostSources = 1000;

/** Calls that were taken and came to nothing, by what their administrator can mend. */
const failures: ReadonlySet<TerminationReason> = new Set<TerminationReason>(['no-target-reachable', 'no-ack']);

/**
 * Everything that has sent us something: fed by the events of calls, by every refusal, by the wire, and by the other ways
 * in. Bounded in every direction, for whoever scans the net for telephones is in it too.
 */
export class Sources implements SourceBook {
  readonly sinceEpochMs: number;
  /** For the engine. */
  readonly tap: WireTap = {
    message: (direction, bytes, peer) => this.#ladders.message(direction, bytes, peer),
    refused: (sipCallId, reason, { remoteAddress, remotePort }) => {
      const identity = this.#nameOf(remoteAddress);
      const refusal = { reason, remedy: remedyOf(reason) ?? reason };
      this.refusedDialog(identity, peerText(remoteAddress, remotePort), sipCallId ?? '', refusal);
    },
  };
  readonly #clock: Clock;
  readonly #nameOf: (address: string) => SourceIdentity;
  readonly #ladders: Ladders;
  readonly #sources = new Map<string, Source>();
  /** Of calls that live. */
  readonly #byCall = new Map<string, Source>();

  /** `nameOf`: whose an address is, where nothing else is known of what came from there. */
  constructor(clock: Clock, nameOf: (address: string) => SourceIdentity) {
    this.#clock = clock;
    this.#nameOf = nameOf;
    this.#ladders = new Ladders(clock);
    this.sinceEpochMs = clock.nowEpochMs();
  }

  seen(identity: SourceIdentity, address: string): void {
    this.#touch(identity, address);
  }

  refused(identity: SourceIdentity, address: string, refusal: SourceRefusal): void {
    this.#touch(identity, address).addRefusal(refusal, this.#clock.nowEpochMs());
  }

  /** As `refused`, of a SIP dialog that was to become a call: it is the last one from there. */
  refusedDialog(identity: SourceIdentity, address: string, sipCallId: string, refusal: SourceRefusal): void {
    this.refused(identity, address, refusal);
    this.#showDialog(identity, sipCallId, null);
  }

  /** Something came that belongs to a call. */
  heard(callId: string, address: string): void {
    this.#byCall.get(callId)?.seen(this.#clock.nowEpochMs(), address);
  }

  /** Every call event, in order. */
  follow(event: CallEvent): void {
    if (event.type === 'ringing') {
      const source = this.#touch(event);
      source.begin();
      this.#byCall.set(event.callId, source);
      const [sipCallId] = event.sipCallIds;
      const speaksSip = event.source === 'b2bua' || event.source === 'siprec';
      if (speaksSip && sipCallId !== undefined) this.#showDialog(event, sipCallId, event.callId);
      return;
    }
    const source = this.#byCall.get(event.callId);
    if (source === undefined) return;
    if (event.type === 'leg') {
      const ladder = source.ladderOf(event.callId);
      if (ladder !== undefined) this.#ladders.join(ladder, event.sipCallId);
    } else if (event.type === 'answered') source.lastCallId = event.callId;
    else if (event.type === 'note') {
      const remark = remarkOf(event.note, event.detail);
      if (remark !== undefined) source.addRemark(remark, event.callId, this.#clock.nowEpochMs());
    } else if (event.type === 'ended') {
      this.#byCall.delete(event.callId);
      source.end();
      const { reason } = event.termination;
      const remedy = failures.has(reason) ? remedyOf(reason) : undefined;
      if (remedy !== undefined) source.addRefusal({ reason, remedy }, this.#clock.nowEpochMs());
    }
  }

  list(): readonly SourceState[] {
    const newestFirst = [...this.#sources.values()].sort((a, b) => b.lastSeenEpochMs - a.lastSeenEpochMs);
    return Object.freeze(newestFirst.map((source) => source.read()));
  }

  #touch({ source, sourceName }: SourceIdentity, address?: string): Source {
    const key = `${source} ${sourceName}`;
    const nowEpochMs = this.#clock.nowEpochMs();
    let known = this.#sources.get(key);
    if (known === undefined) {
      if (this.#sources.size >= mostSources) this.#dropOldest();
      known = new Source({ source, sourceName }, nowEpochMs);
      this.#sources.set(key, known);
    }
    known.seen(nowEpochMs, address);
    return known;
  }

  #showDialog(identity: SourceIdentity, sipCallId: string, callId: string | null): void {
    const ladder = this.#ladders.claim(sipCallId);
    const source = this.#sources.get(`${identity.source} ${identity.sourceName}`);
    if (ladder === undefined || source === undefined) return;
    const before = source.show(ladder, callId);
    if (before !== undefined && before !== ladder) this.#ladders.release(before);
  }

  /** Of those without a call now: strangers that never had one before anybody who has. */
  #dropOldest(): void {
    let oldest: [string, Source] | undefined;
    for (const entry of this.#sources) {
      if (entry[1].callsNow === 0 && (oldest === undefined || entry[1].goesBefore(oldest[1]))) oldest = entry;
    }
    if (oldest === undefined) return;
    this.#sources.delete(oldest[0]);
    const ladder = oldest[1].show(undefined, null);
    if (ladder !== undefined) this.#ladders.release(ladder);
  }
}
