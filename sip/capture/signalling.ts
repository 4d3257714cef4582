import { parseMessage } from '../engine/message/parse.ts';
import type { ReceivedRequest, ReceivedResponse } from '../engine/message/message.ts';
import { sdpIn } from '../sdp/body.ts';
import { readOffer, type OfferedAudio } from '../sdp/offer.ts';
import { otherSide, type ForkStreamSettings, type TalkSide } from '../types.ts';
import { addressOf, endpoint, type AddressTable, type Endpoint } from './addresses.ts';
import { DialogHop } from './dialog-hop.ts';

type Format = ForkStreamSettings['formats'][number];
type Message = ReceivedRequest | ReceivedResponse;

/** A file with more calls than this is read in parts (editcap). */
export const maxCalls = 100_000;
const maxHops = 16;
/** RTP still on its way after the end belongs to the call; what comes later to the same port does not. */
const lingerMs = 5000;
/** No RTP session outlives its last word by this much: a capture may miss a BYE, and the port be used again. */
const forgottenMs = 4 * 3_600_000;

/** All that was signalled under one Call-ID. */
export class SignalledCall {
  readonly callId: string;
  readonly hops = new Map<string, DialogHop>();
  /** What each side says it wants to receive, by payload number; a number keeps its first meaning (RFC 3264, 8.3.2). */
  readonly formats = { caller: new Map<number, Format>(), callee: new Map<number, Format>() };
  /** The only audio that a side described is SRTP, or in codecs that are not taken. */
  readonly problems = new Set<'secure-only' | 'no-common-codec'>();
  described = false;

  constructor(callId: string) {
    this.callId = callId;
  }

  isOver(atEpochMs: number): boolean {
    for (const hop of this.hops.values()) {
      const until = hop.endedEpochMs === null ? hop.lastEpochMs + forgottenMs : hop.endedEpochMs + lingerMs;
      if (until >= atEpochMs) return false;
    }
    return true;
  }
}

/** Whose RTP an endpoint sends and receives. */
export interface Registration {
  readonly call: SignalledCall;
  /** The side that described the endpoint as its own. */
  readonly side: TalkSide;
  readonly hops: Set<DialogHop>;
  /** Described by address and port; else the port at the address that the message came from (NAT, RFC 4961). */
  strong: boolean;
}

export interface RtpOwner {
  readonly call: SignalledCall;
  /** Whose sound it is. */
  readonly side: TalkSide;
  readonly hops: ReadonlySet<DialogHop>;
}

/** Follows the SIP of a capture, and knows from its descriptions which RTP belongs to which side of which call. */
export class Signalling {
  readonly #addresses: AddressTable;
  readonly #calls = new Map<string, SignalledCall>();
  readonly #registrations = new Map<Endpoint, Registration>();
  /** Raised when what `ownerOf` says may have changed. */
  version = 0;
  messages = 0;
  malformed = 0;
  callsLeftOut = 0;

  constructor(addresses: AddressTable) {
    this.#addresses = addresses;
  }

  get calls(): Iterable<SignalledCall> {
    return this.#calls.values();
  }

  onBytes(bytes: Buffer, source: Endpoint, target: Endpoint, atEpochMs: number): void {
    const message = parseMessage(bytes);
    if (message.kind === 'bad') {
      this.malformed++;
      return;
    }
    this.messages++;
    const description = bodyOf(message);
    const call = this.#callOf(message, description !== undefined);
    if (call === undefined) return;
    const key = hopKey(source, target);
    let hop = call.hops.get(key);
    if (hop === undefined) {
      if (call.hops.size >= maxHops) return;
      call.hops.set(key, (hop = new DialogHop(message, atEpochMs)));
    }
    hop.take(message, atEpochMs);
    if (description !== undefined) this.#describe(call, hop, message, description, source, atEpochMs);
    this.version++;
  }

  /** Who sends the RTP that goes from `source` to `target` at that time. Where it goes to says more than whence. */
  ownerOf(source: Endpoint, target: Endpoint, atEpochMs: number): RtpOwner | undefined {
    const to = this.#live(target, atEpochMs);
    const from = this.#live(source, atEpochMs);
    const known = to?.strong === true || from === undefined ? to : from.strong || to === undefined ? from : to;
    if (known === undefined) return undefined;
    return { call: known.call, side: known === to ? otherSide(known.side) : known.side, hops: known.hops };
  }

  #live(at: Endpoint, atEpochMs: number): Registration | undefined {
    const found = this.#registrations.get(at);
    return found === undefined || found.call.isOver(atEpochMs) ? undefined : found;
  }

  /** A call begins with an INVITE, or with whatever describes a session when the INVITE was not captured. */
  #callOf(message: Message, describes: boolean): SignalledCall | undefined {
    const known = this.#calls.get(message.callId);
    if (known !== undefined) return known;
    const method = message.kind === 'request' ? message.method : message.cseqMethod;
    const isInvite = message.kind === 'request' && method === 'INVITE';
    if (!isInvite && !(describes && sessionMethods.includes(method))) return undefined;
    if (this.#calls.size >= maxCalls) {
      this.callsLeftOut++;
      return undefined;
    }
    const call = new SignalledCall(message.callId);
    this.#calls.set(message.callId, call);
    return call;
  }

  #describe(
    call: SignalledCall,
    hop: DialogHop,
    message: Message,
    text: string,
    source: Endpoint,
    atEpochMs: number,
  ): void {
    if (hop.endedEpochMs !== null) return;
    const side = hop.speaker(message);
    const read = readOffer(text);
    if (!read.ok) {
      if (read.problem === 'secure-only' || read.problem === 'no-common-codec') call.problems.add(read.problem);
      return;
    }
    const usable = read.offer.lines.flatMap(({ audio }) => (audio === null ? [] : [audio]));
    const audio = usable.find(({ rtpPort }) => rtpPort !== 0) ?? usable[0];
    if (audio === undefined) return;
    call.described = true;
    hop.described(side, audio, message.kind === 'response' || message.method === 'ACK', atEpochMs);
    for (const format of audio.formats) {
      const formats = call.formats[side];
      if (!formats.has(format.payloadType)) formats.set(format.payloadType, plainFormat(format));
    }
    if (audio.rtpPort === 0) return;
    const stated = audio.address === null ? undefined : this.#addresses.ofText(audio.address);
    if (stated !== undefined)
      this.#register(endpoint(stated, audio.rtpPort), { call, side, hop, strong: true }, atEpochMs);
    const seen = endpoint(addressOf(source), audio.rtpPort);
    this.#register(seen, { call, side, hop, strong: addressOf(source) === stated }, atEpochMs);
  }

  #register(
    at: Endpoint,
    by: { readonly call: SignalledCall; readonly side: TalkSide; readonly hop: DialogHop; readonly strong: boolean },
    atEpochMs: number,
  ): void {
    const known = this.#registrations.get(at);
    if (known?.call === by.call && known.side === by.side) {
      known.hops.add(by.hop);
      known.strong ||= by.strong;
      return;
    }
    if (known?.strong === true && !by.strong && !known.call.isOver(atEpochMs)) return;
    this.#registrations.set(at, { call: by.call, side: by.side, hops: new Set([by.hop]), strong: by.strong });
  }
}

const sessionMethods: readonly string[] = ['INVITE', 'ACK', 'UPDATE', 'PRACK'];

function bodyOf(message: Message): string | undefined {
  if (message.body.length === 0) return undefined;
  if (message.kind === 'response' && (message.status < 180 || message.status >= 300)) return undefined;
  return sdpIn(message.headers.get('Content-Type'), message.body.toString('utf8'));
}

/** The pair of SIP hosts, whichever asks; of ports where both are on one host. */
function hopKey(source: Endpoint, target: Endpoint): string {
  const [a, b] = [addressOf(source), addressOf(target)];
  const [one, two] = a === b ? [source, target] : [a, b];
  return one < two ? `${one} ${two}` : `${two} ${one}`;
}

function plainFormat({ payloadType, carries, clockRateHz }: OfferedAudio['formats'][number]): Format {
  return Object.freeze({ payloadType, carries, clockRateHz });
}
