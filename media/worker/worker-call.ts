import type { ChannelSide } from '#sip/types.ts';

/** A call on its worker, whichever way its streams come. */
export interface WorkerCall {
  readonly callId: string;
  /** RTP ports that are lent to it. */
  readonly rtpPorts: readonly number[];
  /** A key told of by signalling, just now. */
  digit(side: ChannelSide, durationMs: number): void;
  /** Nothing is recorded or recognised until it is told otherwise. */
  pause(paused: boolean): void;
  /** Some 20 times a second. */
  advance(nowMs: number): void;
  /** About once a second. */
  checkSilence(nowMs: number): void;
  /** Idempotent. */
  close(): Promise<void>;
}
