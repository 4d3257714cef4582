import type { CallSource, Party, RecordPolicy, Termination, TerminationReason } from './calls.ts';
import type { MediaFork } from './media.ts';

/**
 * The one way in for calls of which we get a copy, from "stream begins" to "stream ends": identity, events, media,
 * limits, drain. sip/forks implements it; SIPREC and rtpengine use it, main.ts hands it to media/streams and media/files.
 */
export interface CallIntake {
  /**
   * Emits `ringing` and opens the fork.
   * @throws SidetoneError `server-draining`, `at-capacity`, `ports-exhausted`, `media-worker-lost`
   */
  begin(call: {
    readonly source: Exclude<CallSource, 'b2bua'>;
    readonly sourceName: string;
    readonly sipCallIds: readonly string[];
    readonly parties: readonly Party[];
    readonly headers: Readonly<Record<string, string>>;
    /** Default: the configuration's. */
    readonly record?: RecordPolicy;
    /** Undefined: the call is live. Of a file, when its time 0 was; `ringing` carries it. */
    readonly fileEpochMs?: number | undefined;
    /** Default: a new one. Of a file, the id that its sender was told. */
    readonly callId?: string;
    /** Names and terms of this call, as its sender lists them; `ringing` carries them. */
    readonly phrases?: readonly string[] | undefined;
  }): Promise<IntakeCall>;
}

export interface IntakeCall {
  readonly callId: string;
  readonly fork: MediaFork;
  /** The copied call is up, by default as of now. Idempotent. */
  answered(atEpochMs?: number): void;
  parties(parties: readonly Party[]): void;
  leg(sipCallId: string): void;
  /** A line in the call's history; kebab-case, no digits, no content. */
  note(note: string, detail: string): void;
  /** By whom: the name that the audit log has, noted in the history. Lifted by name alone. */
  pause(paused: boolean, by: string): void;
  /**
   * Closes the fork and emits `ended`, by default as of now; a whole `Termination` where the sender knows how its call
   * went (captures). Idempotent: the first one stands.
   */
  end(how: TerminationReason | Termination, atEpochMs?: number): Promise<void>;
  /**
   * The house wants it over (drain, hang-up, longest duration, media lost): tell the sender, then call `end`. Called at
   * once where it has been wanted before; then the call may be over already.
   */
  onEndWanted(listener: (reason: TerminationReason) => void): void;
}
