/**
 * Opus packets from outside (RFC 6716 section 3), read as far as their framing: how much sound one holds, and whether
 * it is well-formed, so that a decoder is given nothing that it must refuse.
 */

/** Of one frame, by the configuration number: in samples at 8 kHz (a shortest frame of 2.5 ms is 20). */
const frameSamples = Uint16Array.from({ length: 32 }, (_, configuration) => {
  if (configuration < 12) return [80, 160, 320, 480][configuration % 4] as number;
  if (configuration < 16) return [80, 160][configuration % 2] as number;
  return [20, 40, 80, 160][configuration % 4] as number;
});
const mostFrameBytes = 1275;
const mostPacketSamples = 960;

/** Samples at 8 kHz that one frame of a packet with this first byte holds. */
function opusFrameSamples(firstByte: number): number {
  return frameSamples[firstByte >> 3] as number;
}

/** Samples at 8 kHz of the packet in `bytes[start..end)`, 20 to 960; 0 when it is not well-formed (section 3.4). */
export function opusPacketSamples(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start) return 0;
  const first = bytes[start] as number;
  const frame = opusFrameSamples(first);
  const body = end - start - 1;
  switch (first & 3) {
    case 0:
      return body <= mostFrameBytes ? frame : 0;
    case 1:
      return body % 2 === 0 && body / 2 <= mostFrameBytes ? 2 * frame : 0;
    case 2:
      return isVariable(bytes, start + 1, end, 2) ? 2 * frame : 0;
    default:
      return manyFrames(bytes, start + 1, end, frame);
  }
}

/** Code 3 (section 3.2.5): a byte with the number of frames, padding, then frames of one length or of their own. */
function manyFrames(bytes: Uint8Array, start: number, end: number, frame: number): number {
  if (end <= start) return 0;
  const header = bytes[start] as number;
  const count = header & 0x3f;
  const samples = count * frame;
  if (samples === 0 || samples > mostPacketSamples) return 0;
  let at = start + 1;
  let padding = 0;
  if ((header & 0x40) !== 0) {
    let more = 255;
    while (more === 255) {
      if (at >= end) return 0;
      more = bytes[at++] as number;
      padding += more === 255 ? 254 : more;
    }
  }
  const bodyEnd = end - padding;
  if (bodyEnd < at) return 0;
  if ((header & 0x80) !== 0) return isVariable(bytes, at, bodyEnd, count) ? samples : 0;
  const body = bodyEnd - at;
  return body % count === 0 && body / count <= mostFrameBytes ? samples : 0;
}

/** Lengths of all frames but the last stand in front (section 3.2.1), one or two bytes each. */
function isVariable(bytes: Uint8Array, start: number, end: number, count: number): boolean {
  let at = start;
  let promised = 0;
  for (let frame = 1; frame < count; frame++) {
    if (at >= end) return false;
    let length = bytes[at++] as number;
    if (length >= 252) {
      if (at >= end) return false;
      length += 4 * (bytes[at++] as number);
    }
    promised += length;
  }
  const last = end - at - promised;
  return last >= 0 && last <= mostFrameBytes;
}
