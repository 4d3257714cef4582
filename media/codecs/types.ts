/**
 * Turns the payloads of one stream into sound at 8 kHz, mono. It has a state of its own: payloads go in as they come, in
 * order as far as the network keeps it (one that is late still decodes, with a slight blemish), and each stream, SSRC
 * and codec has its own. Holes are the channel's to fill (jitter/concealer.ts). What is returned is valid until the next call.
 */
export interface StreamDecoder {
  /** The sound of `bytes[start..end)`; empty: that is no payload of this codec, and is to be counted as malformed. */
  decode(bytes: Uint8Array, start: number, end: number): Int16Array;
  close(): void;
}
