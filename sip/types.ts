import type { Law } from '#lib/audio/g711.ts';

/**
 * What sip/ tells the stages after it, and what it needs of them. Main-thread objects unless said otherwise; every
 * event is readonly, structured-cloneable and frozen by whoever makes it.
 */

/** The two legs of a bridged call. `caller` sent us the INVITE (A leg); `callee` got ours (B leg). */
export type TalkSide = 'caller' | 'callee';
export const talkSides: readonly TalkSide[] = ['caller', 'callee'];
export function otherSide(side: TalkSide): TalkSide {
  return side === 'caller' ? 'callee' : 'caller';
}

export type PartySide = TalkSide | 'other' | 'mixed';
export type PartyRole = 'agent' | 'customer' | 'unknown';
export interface Party {
  readonly partyId: string;
  readonly side: PartySide;
  /** `sip:` or `tel:` URI without parameters or password; null when withheld by the network. */
  readonly uri: string | null;
  readonly displayName: string | null;
  readonly role: PartyRole;
  /** ms since the call's first media sample; 0 for those present from the start. */
  readonly joinedMs: number;
  readonly leftMs: number | null;
}

export type CallSource = 'b2bua' | 'siprec' | 'rtpengine' | 'audiosocket' | 'websocket' | 'ingest';
export type CallState = 'ringing' | 'active' | 'ended';

/** How a call came to its end. `completed` was answered; the others never were, or broke. */
export type CallResult = 'completed' | 'cancelled' | 'rejected' | 'failed';
/** The same words in log, metrics and database. Each is explained in docs/terminations.md. */
export const terminationReasons = [
  'caller-hung-up',
  'callee-hung-up',
  'caller-cancelled',
  'callee-busy',
  'callee-declined',
  'callee-rejected',
  'no-answer',
  'no-route',
  'no-target-reachable',
  'not-acceptable-here',
  'no-ack',
  'session-expired',
  'rtp-timeout',
  'max-duration',
  'media-failed',
  'ports-exhausted',
  'too-many-hops',
  'replaced',
  'server-draining',
  'server-shutdown',
  'server-restarted',
  'internal-error',
] as const;
export type TerminationReason = (typeof terminationReasons)[number];
export interface Termination {
  readonly result: CallResult;
  readonly reason: TerminationReason;
  /** The final SIP status that ended the set-up; null once the call was answered. */
  readonly sipStatus: number | null;
}

export const recordPolicies = ['none', 'redacted-only', 'all'] as const;
/** Whether and how a call may be kept: redaction.md, "Choice not to record". */
export type RecordPolicy = (typeof recordPolicies)[number];

/** The life of a call as signalling sees it. Per call: ringing, then answered?, then ended, with the others between. */
export type CallEvent =
  | {
      readonly type: 'ringing';
      readonly callId: string;
      readonly atEpochMs: number;
      readonly source: CallSource;
      readonly sipCallIds: readonly string[];
      readonly parties: readonly Party[];
      readonly record: RecordPolicy;
      /** Identity and diversion headers worth keeping, lower-case names. NOT yet masked: analytics masks before storing. */
      readonly headers: Readonly<Record<string, string>>;
    }
  /** Another SIP dialog belongs to the call (the B leg, or a further target). */
  | { readonly type: 'leg'; readonly callId: string; readonly atEpochMs: number; readonly sipCallId: string }
  | { readonly type: 'answered'; readonly callId: string; readonly atEpochMs: number }
  /** Something worth a line in the call's history; `detail` holds no digits and no content. */
  | {
      readonly type: 'note';
      readonly callId: string;
      readonly atEpochMs: number;
      readonly note: string;
      readonly detail: string;
    }
  | { readonly type: 'ended'; readonly callId: string; readonly atEpochMs: number; readonly termination: Termination };

// ---- What sip/ needs of media/ (media implements it, main.ts wires it) -------------------------------------------

export type { Law };

/** What one leg has agreed to, in RTP terms. Complete: each `update` replaces the last. */
export interface LegMediaSettings {
  /** Where to send until the source rule locks; null while the leg's SDP is unknown, or it is held with port 0. */
  readonly remote: { readonly address: string; readonly rtpPort: number; readonly rtcpPort: number } | null;
  /** IPs whose RTP may be accepted, any port: the SDP's address and the IP that the leg's SIP came from. */
  readonly acceptedAddresses: readonly string[];
  readonly rtcpMux: boolean;
  /** The law that we send on this leg; both laws are always understood on receipt (payload types 0 and 8). */
  readonly sendLaw: Law;
  /** Payload numbers of comfort noise (13) and telephone-event in what we send on this leg; null where not agreed. */
  readonly comfortNoise: number | null;
  readonly telephoneEvent: number | null;
  /**
   * Payload number of telephone-event in what this leg sends: the one in our description (RFC 3264 section 5.1: numbers
   * are what the description's sender wants to receive), which need not be the one in the leg's. Null where not agreed.
   */
  readonly receivedTelephoneEvent: number | null;
  /** ms of a packet that this leg prefers (a=ptime, else 20), and its a=maxptime (null: none stated). */
  readonly ptimeMs: number;
  readonly maxptimeMs: number | null;
  /** What the leg's far end may do: may it hear us (`listens`), does it talk (`talks`)? Hold clears one or both. */
  readonly talks: boolean;
  readonly listens: boolean;
  /** True while this leg has the other on hold: what it sends is music, not talk. */
  readonly holding: boolean;
}

export interface LegPorts {
  /** Address to put in SDP is chosen by sip/, the ports by media/. rtcpPort = rtpPort + 1. */
  readonly rtpPort: number;
  readonly rtcpPort: number;
}

export interface MediaCall {
  readonly callId: string;
  readonly ports: Readonly<Record<TalkSide, LegPorts>>;
  /** Applies at once and in order; never throws. */
  update(side: TalkSide, settings: LegMediaSettings): void;
  /** A digit came by SIP INFO: mark it on the timeline as DTMF (which digit is none of media's business). */
  digitByInfo(side: TalkSide, durationMs: number): void;
  /** Stops relaying, frees the ports, flushes the timeline. Idempotent. */
  close(): Promise<void>;
}

export interface MediaGateway {
  /**
   * Reserves one even/odd port pair a leg, both legs on one worker thread.
   * @throws SidetoneError `ports-exhausted`, `media-worker-lost`
   */
  open(request: { readonly callId: string; readonly record: RecordPolicy }): Promise<MediaCall>;
  /** Of one call, from the media side: `timeout` = no RTP on both legs (call must end), `failed` = worker lost. */
  onTrouble(listener: (trouble: { readonly callId: string; readonly kind: 'timeout' | 'failed' }) => void): () => void;
}
