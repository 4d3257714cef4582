import type { CallSource } from './calls.ts';

/** What sends us calls, as its administrator looks for it. */

/** A trunk, a recorder client, a proxy with rtpengine, a stream's sender, whoever hands in files. */
export interface SourceIdentity {
  readonly source: CallSource;
  /** As in `ringing`. */
  readonly sourceName: string;
}

/** Why something was turned away, for people. */
export interface SourceRefusal {
  /** kebab-case. */
  readonly reason: string;
  /** One sentence: what to change on the sender, or here. */
  readonly remedy: string;
}

/** Told by every way in; sip/sources keeps it. Neither throws. */
export interface SourceNotes {
  /** Something came from there that we understood. `address`: IP and port. */
  seen(source: SourceIdentity, address: string): void;
  refused(source: SourceIdentity, address: string, refusal: SourceRefusal): void;
}

/** One message of a SIP dialog. Numbers, names and bodies are masked. */
export interface LadderMessage {
  readonly atEpochMs: number;
  readonly direction: 'received' | 'sent';
  /** IP and port of the other end. */
  readonly peer: string;
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** `INVITE`, `200 OK` ... */
  readonly summary: string;
  readonly text: string;
}

/** What was amiss with calls of it that were taken all the same. */
export interface SourceRemark extends SourceRefusal {
  readonly count: number;
  readonly lastEpochMs: number;
  /** The last of these calls. */
  readonly lastCallId: string;
}

export interface SourceState extends SourceIdentity {
  readonly firstSeenEpochMs: number;
  readonly lastSeenEpochMs: number;
  /** The latest addresses that it came from, the newest first; eight at the most. */
  readonly addresses: readonly string[];
  readonly callsNow: number;
  /** Since `sinceEpochMs`. */
  readonly calls: number;
  readonly refused: readonly (SourceRefusal & { readonly count: number; readonly lastEpochMs: number })[];
  /** The latest first. */
  readonly remarks: readonly SourceRemark[];
  /**
   * Its last call by SIP, or what was to become one, both legs where we put it through; empty where it speaks no SIP with
   * us. Masked when it is read, which takes its time: read it of whom you show.
   */
  readonly ladder: readonly LadderMessage[];
  /** The last of its calls that was answered, and so had media; null before. */
  readonly lastCallId: string | null;
}

export interface SourceBook extends SourceNotes {
  /** When the book was opened: the start of the server. */
  readonly sinceEpochMs: number;
  /** By when they were last seen, the newest first. Bounded: of a thousand senders the oldest without calls go. */
  list(): readonly SourceState[];
}
