import { isLoopback } from '#lib/addresses.ts';
import type { TrunkConfig } from '#lib/config/schema.ts';
import type { TalkSide } from '../types.ts';
import type { SessionDescription } from '../sdp/description.ts';
import type { LegSession, LocalAudio } from '../sdp/leg-session.ts';
import type { SipHeaders, SipRequest } from './messages.ts';
import { ReferIds } from './refer-ids.ts';
import type { DialogIdentifiers } from './replaces.ts';
import { minimumSessionS } from './session-expiry.ts';

/**
 * One SIP dialog of a bridged call, as we see it: who is there, what its audio has agreed to, and which INVITE
 * transaction is open on it. It holds facts; Call and the procedures beside it act on them.
 */
export class Leg {
  readonly side: TalkSide;
  /** Our half of the leg's offers and answers. */
  readonly session: LegSession;
  /** IP that the leg's SIP comes from. */
  readonly signallingAddress: string;
  /** Its asserted identities are believed. */
  readonly trusted: boolean;
  /** The trunk that the peer belongs to: its credentials answer challenges. */
  readonly trunk: TrunkConfig | undefined;
  #ids: DialogIdentifiers = { callId: '', localTag: '', remoteTag: '' };
  #dialogId = '';
  #allowed: ReadonlySet<string> | undefined;
  /** Peer's Contact, where requests of its dialog go. */
  contact: string | undefined;
  /** What the peer said last, and what we had said when it was agreed. */
  remote: SessionDescription | null = null;
  agreed: LocalAudio | null = null;
  /** Of the transfers that this leg was asked for. */
  readonly referIds = new ReferIds();
  /** This side has the other on hold. */
  holding = false;
  /** Shortest session interval in s that the peer takes, where it said so (RFC 4028, Min-SE). */
  sessionMinimumS = 0;
  /** 2xx exchanged: the leg must be ended by BYE. */
  confirmed = false;
  /** A re-INVITE or UPDATE with an offer is open: sent by the peer (`in`) or by us (`out`). */
  negotiating: 'in' | 'out' | undefined;
  /** A 2xx of the peer with an offer: its ACK waits for the other leg's answer. */
  #awaitedAck: ((body: string | undefined) => void) | undefined;
  #ackReceiver: ((ack: SipRequest | undefined) => void) | undefined;

  constructor(given: Pick<Leg, 'side' | 'session' | 'signallingAddress' | 'trusted' | 'trunk'>) {
    this.side = given.side;
    this.session = given.session;
    this.signallingAddress = given.signallingAddress;
    this.trusted = given.trusted;
    this.trunk = given.trunk;
  }

  identify(ids: DialogIdentifiers): void {
    this.#ids = ids;
  }

  /** The engine's id of the dialog; forks of one INVITE have different ones, the last heard counts. */
  enterDialog(dialogId: string, tags: Partial<Pick<DialogIdentifiers, 'localTag' | 'remoteTag'>>): void {
    if (dialogId !== '') this.#dialogId = dialogId;
    this.#ids = { ...this.#ids, ...tags };
  }

  get dialogId(): string {
    return this.#dialogId;
  }

  get ids(): DialogIdentifiers {
    return this.#ids;
  }

  /** IPs that the leg's RTP may come from besides the one that it describes (the source rule, RFC 4961). */
  get sourceAddresses(): readonly string[] {
    const { address } = this.session;
    // What is sent to loopback comes from loopback, whichever address of this machine the peer signals.
    const also = isLoopback(address) && address !== this.signallingAddress ? [address] : [];
    return [this.signallingAddress, ...also];
  }

  holdAck(ack: (body: string | undefined) => void): void {
    this.#awaitedAck = ack;
  }

  /** Sends the ACK that was held back, if any, with the answer as body. */
  acknowledge(body: string | undefined): void {
    const ack = this.#awaitedAck;
    this.#awaitedAck = undefined;
    ack?.(body);
  }

  /** The peer's next ACK, for an answer in it; undefined when none came in time. */
  nextAck(withinMs: number): Promise<SipRequest | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.receiveAck(undefined), withinMs);
      this.#ackReceiver = (ack) => {
        clearTimeout(timer);
        resolve(ack);
      };
    });
  }

  receiveAck(ack: SipRequest | undefined): void {
    const receiver = this.#ackReceiver;
    this.#ackReceiver = undefined;
    receiver?.(ack);
  }

  /** Remembers Contact, Allow and Min-SE where the message has them. */
  learn(headers: SipHeaders): void {
    this.contact = headers.get('contact') ?? this.contact;
    this.sessionMinimumS = Math.max(this.sessionMinimumS, minimumSessionS(headers) ?? 0);
    const allowed = headers.list('allow');
    if (allowed.length > 0) this.#allowed = new Set(allowed);
  }

  /** Whether the peer takes the method, as far as its Allow says; unknown counts as no. */
  allows(method: string): boolean {
    return this.#allowed?.has(method.toLowerCase()) ?? false;
  }
}
