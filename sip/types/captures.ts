import type { Party, TalkSide, Termination } from './calls.ts';
import type { ForkStreamSettings } from './media.ts';

/** Calls read from a capture file (pcap, pcapng): sip/capture reads them, media/files plays them. */

/** Of one captured call, in the order of the file. Times are those of the capture and never go back. */
export type CapturedItem =
  /** One RTP packet, header and all; the bytes are the receiver's. */
  | {
      readonly type: 'rtp';
      readonly side: TalkSide;
      readonly atEpochMs: number;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  /** `side` puts the other on hold, or takes it back: what it sends meanwhile is music. */
  | { readonly type: 'hold'; readonly side: TalkSide; readonly atEpochMs: number; readonly holding: boolean }
  /** A digit by SIP INFO. */
  | { readonly type: 'key'; readonly side: TalkSide; readonly atEpochMs: number; readonly durationMs: number };

export interface CapturedStream {
  readonly side: TalkSide;
  /** What its payload numbers carry, by both descriptions, else by RFC 3551's static numbers. */
  readonly formats: ForkStreamSettings['formats'];
  readonly packets: number;
  /** Of these, packets whose number stands for nothing in `formats`. */
  readonly unknownPackets: number;
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
}

export interface CapturedCall {
  /** Empty when there was no signalling: two streams that go to and fro between the same ports. */
  readonly sipCallIds: readonly string[];
  readonly parties: readonly Party[];
  /** As in `ringing`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly startedEpochMs: number;
  readonly answeredEpochMs: number | null;
  readonly endedEpochMs: number;
  readonly termination: Termination;
  /** One a side that was heard, at most. */
  readonly streams: readonly CapturedStream[];
  /** kebab-case, each explained in docs/pbx/captures.md. */
  readonly notes: readonly string[];
  /** Reads the call's part of the file anew each time. @throws SidetoneError `unsupported-audio` when it has changed */
  items(): AsyncIterable<CapturedItem>;
}

export interface CaptureContents {
  readonly calls: readonly CapturedCall[];
  /** What the file held and what of it could not be used; none of these is a fault of the file. */
  readonly counts: Readonly<Record<CaptureCount, number>>;
}
export const captureCounts = [
  'records',
  'bytes',
  /** The file ends within a record (0 or 1). */
  'truncatedRecords',
  /** Records of a link type that is not read. */
  'otherLinks',
  /** Packets shorter than on the wire (snaplen): their sound or message is not there. */
  'cutPackets',
  'malformedPackets',
  /** Fragmented datagrams that never became whole. */
  'lostFragments',
  /** Places in TCP streams where bytes are missing. */
  'tcpGaps',
  'sipMessages',
  'malformedSip',
  'rtpPackets',
  /** RTP of no call: too few packets, or a codec that nothing names. */
  'strayRtpPackets',
] as const;
export type CaptureCount = (typeof captureCounts)[number];
