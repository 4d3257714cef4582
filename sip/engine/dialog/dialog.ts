import { StateMachine } from '#lib/state-machine.ts';
import type { AppLink } from '../control/app-link.ts';
import { firstUri, splitList } from '../message/fields.ts';
import type { Headers } from '../message/headers.ts';
import type { ReceivedRequest, ReceivedResponse, SipRequest } from '../message/message.ts';
import { newSequence } from '../core/tokens.ts';
import type { Flow } from '../transport/flow.ts';

/**
 * One dialog (RFC 3261 section 12).
 *
 *     early        made by a provisional response with a To tag. 2xx -> confirmed; final failure -> terminated.
 *     confirmed    BYE in either direction, or what ends a call by itself -> terminated.
 *     terminated   known to nobody any more.
 */
type State = 'early' | 'confirmed' | 'terminated';
const legal: Readonly<Record<State, readonly State[]>> = {
  early: ['confirmed', 'terminated'],
  confirmed: ['terminated'],
  terminated: [],
};

export interface DialogParts {
  readonly id: string;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From and To of the requests that we send, tags included. */
  readonly local: string;
  readonly remote: string;
  readonly localSequence: number;
  readonly remoteSequence: number | undefined;
  readonly routeSet: readonly string[];
  readonly remoteTarget: string;
  readonly link: AppLink;
  readonly flow: Flow;
}

export class Dialog {
  readonly id: string;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly local: string;
  readonly remote: string;
  readonly link: AppLink;
  routeSet: readonly string[];
  remoteTarget: string;
  /** By which the other side was last heard. */
  flow: Flow;
  localSequence: number;
  remoteSequence: number | undefined;
  /** Our INVITE inside this dialog that has no final response yet. */
  inviteSent = false;
  /** Theirs that we have not answered finally. */
  inviteReceived = false;
  /** Their UPDATE that we have not answered finally. */
  updateReceived = false;
  /**
   * INVITEs of the other side that we accepted and whose ACK has not come yet, by CSeq number: what stops sending the
   * 2xx. The ACK of one may be lost and another INVITE come before the repeated 2xx has brought it again.
   */
  readonly #awaitedAcks = new Map<number, () => void>();
  /** Waits for the last of them to end, however that is. */
  readonly afterAck: (() => void)[] = [];
  /** Reliable provisional responses of ours in this dialog: given the RAck of each PRACK, true when it is awaited. */
  acknowledgeProvisional: ((rack: string) => boolean) | undefined;
  /** Of an early dialog that their INVITE made: ends that INVITE. */
  abandonInvite: (() => void) | undefined;
  /** Our last ACK, for copies of the 2xx. */
  lastAck: { readonly sequence: number; readonly bytes: Buffer; readonly flow: Flow } | undefined;
  /** An ACK of ours that is not out yet. */
  sendingAck: Promise<void> | undefined;
  /** Our last INVITE that was answered 2xx: its headers hold the credentials that its ACK must repeat. */
  acceptedInvite: { readonly sequence: number; readonly headers: Headers } | undefined;
  /** The session description of ours that is in force, for a refresh that changes nothing. */
  localSdp: Buffer | undefined;
  /** Their Allow header lists UPDATE. */
  peerAllowsUpdate = false;
  readonly #machine = new StateMachine<State>('early', legal);

  constructor(parts: DialogParts) {
    this.id = parts.id;
    this.callId = parts.callId;
    this.localTag = parts.localTag;
    this.remoteTag = parts.remoteTag;
    this.local = parts.local;
    this.remote = parts.remote;
    this.link = parts.link;
    this.flow = parts.flow;
    this.localSequence = parts.localSequence;
    this.remoteSequence = parts.remoteSequence;
    this.routeSet = parts.routeSet;
    this.remoteTarget = parts.remoteTarget;
  }

  get state(): State {
    return this.#machine.state;
  }

  confirm(): void {
    if (this.#machine.state === 'early') this.#machine.enter('confirmed');
  }

  /** Our INVITE was answered 2xx: the route set is that of the 2xx (RFC 3261 section 13.2.2.4). */
  answered(response: ReceivedResponse): void {
    if (this.#machine.state === 'early') this.routeSet = routes(response.headers).toReversed();
    this.refreshTarget(response.headers);
    this.confirm();
  }

  terminate(): void {
    if (this.#machine.state !== 'terminated') this.#machine.enter('terminated');
    for (const stop of this.#awaitedAcks.values()) stop();
    this.#awaitedAcks.clear();
    for (const next of this.afterAck.splice(0)) next();
  }

  get awaitsAck(): boolean {
    return this.#awaitedAcks.size > 0;
  }

  awaitAck(sequence: number, stop: () => void): void {
    this.#awaitedAcks.set(sequence, stop);
  }

  awaitsAckOf(sequence: number): boolean {
    return this.#awaitedAcks.has(sequence);
  }

  /** The ACK is there: what waited for it goes on. */
  settleAck(sequence: number): void {
    this.#awaitedAcks.get(sequence)?.();
    this.#awaitedAcks.delete(sequence);
    if (!this.awaitsAck) for (const next of this.afterAck.splice(0)) next();
  }

  /** Section 12.2: the Contact of a target refresh that was accepted. */
  refreshTarget(headers: Headers): void {
    this.remoteTarget = firstUri(headers.get('Contact')) ?? this.remoteTarget;
  }
}

function routes(headers: Headers): string[] {
  return headers.all('Record-Route').flatMap((value) => splitList(value));
}

/** Section 12.1.1. */
export function dialogFromRequest(
  request: ReceivedRequest,
  identity: { readonly id: string; readonly localTag: string; readonly link: AppLink; readonly flow: Flow },
): Dialog {
  return new Dialog({
    ...identity,
    callId: request.callId,
    remoteTag: request.fromTag,
    local: `${request.headers.get('To') ?? ''};tag=${identity.localTag}`,
    remote: request.headers.get('From') ?? '',
    localSequence: newSequence(),
    remoteSequence: request.cseq,
    routeSet: routes(request.headers),
    remoteTarget: firstUri(request.headers.get('Contact')) ?? request.uri,
  });
}

/** Section 12.1.2. */
export function dialogFromResponse(
  request: SipRequest,
  response: ReceivedResponse,
  identity: { readonly id: string; readonly link: AppLink; readonly flow: Flow },
): Dialog {
  return new Dialog({
    ...identity,
    callId: response.callId,
    localTag: response.fromTag,
    remoteTag: response.toTag,
    local: request.headers.get('From') ?? '',
    remote: response.headers.get('To') ?? '',
    localSequence: response.cseq,
    remoteSequence: undefined,
    routeSet: routes(response.headers).toReversed(),
    remoteTarget: firstUri(response.headers.get('Contact')) ?? request.uri,
  });
}
