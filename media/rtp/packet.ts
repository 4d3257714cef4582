/**
 * RTP's fixed header (RFC 3550 section 5.1), read in place. One view is reused for every packet of a thread: reading
 * allocates nothing.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     |                           timestamp                           |
 *     |                             SSRC                              |
 */
export interface RtpView {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** Of the payload in the datagram, padding excluded: [payloadStart, payloadEnd). */
  payloadStart: number;
  payloadEnd: number;
}
export const rtpHeaderBytes = 12;

export function emptyRtpView(): RtpView {
  return { payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc: 0, payloadStart: 0, payloadEnd: 0 };
}

/** Fills `view`; false when the bytes are no RTP packet (the view is then half written). */
export function readRtp(bytes: Uint8Array, view: RtpView): boolean {
  const length = bytes.length;
  if (length < rtpHeaderBytes) return false;
  const first = bytes[0] as number;
  if (first >> 6 !== 2) return false;
  let start = rtpHeaderBytes + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (start + 4 > length) return false;
    start += 4 + 4 * (((bytes[start + 2] as number) << 8) | (bytes[start + 3] as number));
  }
  let end = length;
  if ((first & 0x20) !== 0) {
    const padding = bytes[length - 1] as number;
    if (padding === 0) return false;
    end -= padding;
  }
  if (start > end) return false;
  const second = bytes[1] as number;
  view.payloadType = second & 0x7f;
  view.marker = (second & 0x80) !== 0;
  view.sequence = ((bytes[2] as number) << 8) | (bytes[3] as number);
  view.timestamp = readUint32(bytes, 4);
  view.ssrc = readUint32(bytes, 8);
  view.payloadStart = start;
  view.payloadEnd = end;
  return true;
}

/** RFC 5761 section 4: on a shared port, second bytes 192 to 223 are RTCP packet types and no RTP payload type. */
export function isRtcp(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const second = bytes[1] as number;
  return (bytes[0] as number) >> 6 === 2 && second >= 192 && second <= 223;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
