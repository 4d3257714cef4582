/** One captured frame. A view that is filled again and again: reading allocates nothing. */
export interface CaptureRecord {
  /** The frame is [start, end) of `bytes`, as far as it was captured. */
  bytes: Buffer;
  start: number;
  end: number;
  /** LINKTYPE_ value (www.tcpdump.org/linktypes.html). */
  linkType: number;
  /** ms since 1970 with a fraction. */
  atEpochMs: number;
  /** Of the record in the file. */
  offsetBytes: number;
}

export function emptyRecord(): CaptureRecord {
  return { bytes: Buffer.alloc(0), start: 0, end: 0, linkType: 0, atEpochMs: 0, offsetBytes: 0 };
}

/** What one step of a decoder came to. */
export type RecordStep =
  /** `record` is filled; `bytes` were used up. */
  | 'record'
  /** `bytes` were used up and held no frame. They may be more than there are: skip them in the file. */
  | 'skip'
  /** More bytes are needed to go on. */
  | 'more';

/** Cuts a file into records. Pure: bytes in, one record at a time out. */
export interface RecordDecoder {
  /** Of the last step that was not `more`. */
  usedBytes: number;
  /**
   * Reads on at `bytes[at]`, which stands at `offsetBytes` of the file.
   * @throws CaptureFault
   */
  step(bytes: Buffer, at: number, offsetBytes: number, record: CaptureRecord): RecordStep;
}

/** Larger than any frame that a capture tool writes (libpcap's MAXIMUM_SNAPLEN). */
export const maxFrameBytes = 262_144;
