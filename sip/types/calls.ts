/** The two legs of a bridged call. `caller` sent us the INVITE (A leg); `callee` got ours (B leg). */
export type TalkSide = 'caller' | 'callee';
export const talkSides: readonly TalkSide[] = ['caller', 'callee'];
export function otherSide(side: TalkSide): TalkSide {
  return side === 'caller' ? 'callee' : 'caller';
}

export type PartySide = TalkSide | 'other' | 'mixed';
/** A third participant is `other`; one stream that carries all is `mixed`. */
export const partySides: readonly PartySide[] = ['caller', 'callee', 'other', 'mixed'];
/** A channel of a call's timeline: the stream of this side. */
export type ChannelSide = PartySide;
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
  'sender-ended',
  'sender-lost',
  'file-ended',
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
      /** Whose call it is to the administrator: the trunk's name, else the address that it came from. */
      readonly sourceName: string;
      readonly sipCallIds: readonly string[];
      readonly parties: readonly Party[];
      readonly record: RecordPolicy;
      /** BCP 47: what is spoken, where the configuration says so of its route or trunk. */
      readonly language?: string;
      /** Names and terms of this call: of its sender first, then of its route. */
      readonly phrases?: readonly string[];
      /** Identity and diversion headers worth keeping, lower-case names. NOT yet masked: analytics masks before storing. */
      readonly headers: Readonly<Record<string, string>>;
    }
  /** Another SIP dialog belongs to the call (the B leg, or a further target). */
  | { readonly type: 'leg'; readonly callId: string; readonly atEpochMs: number; readonly sipCallId: string }
  | { readonly type: 'answered'; readonly callId: string; readonly atEpochMs: number }
  /** Who takes part now: joined, left, renamed. The whole list each time. */
  | {
      readonly type: 'parties';
      readonly callId: string;
      readonly atEpochMs: number;
      readonly parties: readonly Party[];
    }
  /** Something worth a line in the call's history; `detail` holds no digits and no content. */
  | {
      readonly type: 'note';
      readonly callId: string;
      readonly atEpochMs: number;
      readonly note: string;
      readonly detail: string;
    }
  | { readonly type: 'ended'; readonly callId: string; readonly atEpochMs: number; readonly termination: Termination };
