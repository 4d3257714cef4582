import type { Law } from '../types.ts';

/**
 * What the B2BUA keeps of a session description. Everything else (other codecs, a=crypto, candidates, session
 * attributes) stays on the leg that it came from.
 */
export interface SessionDescription {
  /** Every m-line in order, so that an answer can refuse those it does not take, each in its place. */
  readonly lines: readonly MediaLine[];
  /** The line that carries the call's audio. */
  readonly audioIndex: number;
  readonly audio: AudioDescription;
}

export interface MediaLine {
  readonly kind: string;
  readonly protocol: string;
  /** The format list as written. */
  readonly formats: string;
}

export interface AudioDescription {
  readonly address: string;
  /** 0: the line is switched off. */
  readonly rtpPort: number;
  readonly rtcpPort: number;
  readonly rtcpMux: boolean;
  /** In order of preference; never empty. */
  readonly laws: readonly Law[];
  /** Static payload type 13 (RFC 3389) is listed. */
  readonly comfortNoise: boolean;
  readonly telephoneEvent: TelephoneEvent | null;
  /** ms of a packet; null where not stated. */
  readonly ptimeMs: number | null;
  readonly maxptimeMs: number | null;
  /** As its sender sees it; `c=0.0.0.0`, the hold of RFC 2543, is already turned into a direction. */
  readonly direction: Direction;
}

/** RFC 4733 at 8 kHz. */
export interface TelephoneEvent {
  readonly payload: number;
  /** The events of a=fmtp, such as `0-16`. */
  readonly events: string;
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export function sends(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

export function receives(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

export function directionOf(sending: boolean, receiving: boolean): Direction {
  if (sending) return receiving ? 'sendrecv' : 'sendonly';
  return receiving ? 'recvonly' : 'inactive';
}

/** The most that an answer may claim when the offer says `offered` (RFC 3264 section 6.1). */
export function answerable(offered: Direction, wanted: Direction): Direction {
  return directionOf(sends(wanted) && receives(offered), receives(wanted) && sends(offered));
}
