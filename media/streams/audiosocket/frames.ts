import type { PcmStreamFormat } from '#sip/types.ts';

/**
 * Asterisk's AudioSocket, as its documentation has it: over TCP, each way, frames of
 *
 *     u8      kind
 *     u16 BE  bytes of the payload
 *     ...     payload
 *
 * 0x00 ends, 0x01 gives the UUID (16 bytes), 0x03 a key (one ASCII character), 0x10 to 0x18 signed 16-bit little-endian
 * mono sound, 0xff an error of Asterisk's. Asterisk before 20.17, 22.7 and 23.1 gives 0x10 to whatever a channel has.
 */
export const frameKinds = { terminate: 0x00, uuid: 0x01, key: 0x03, audio: 0x10, error: 0xff } as const;

const sampleRates: ReadonlyMap<number, number> = new Map([
  [0x10, 8000],
  [0x11, 12_000],
  [0x12, 16_000],
  [0x13, 24_000],
  [0x14, 32_000],
  [0x15, 44_100],
  [0x16, 48_000],
  [0x17, 96_000],
  [0x18, 192_000],
]);
const headerBytes = 3;

/** Undefined: no sound. */
export function formatOfKind(kind: number): PcmStreamFormat | undefined {
  const sampleRateHz = sampleRates.get(kind);
  return sampleRateHz === undefined ? undefined : { encoding: 'linear16', sampleRateHz };
}

export function encodeFrame(kind: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame[0] = kind;
  frame.writeUInt16BE(payload.length, 1);
  frame.set(payload, headerBytes);
  return frame;
}

const silences = new Map<string, Buffer>();

/** A frame of silence, the same each time: not to be written to. */
export function silentFrame(kind: number, bytes: number): Buffer {
  const key = `${kind} ${bytes}`;
  const known = silences.get(key);
  if (known !== undefined) return known;
  const frame = encodeFrame(kind, new Uint8Array(bytes));
  // Senders use a size or two; whoever uses more shall not fill the memory.
  if (silences.size < 64) silences.set(key, frame);
  return frame;
}

/** `6ba7b810-9dad-11d1-80b4-00c04fd430c8`; undefined: not 16 bytes. */
export function uuidText(payload: Uint8Array): string | undefined {
  if (payload.length !== 16) return undefined;
  const hex = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Cuts what comes over a connection into frames. Keeps 64 kB at the most. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /** `onFrame` returns false to have no more. The payload is valid during the call only. */
  push(chunk: Buffer, onFrame: (kind: number, payload: Buffer) => boolean): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      const end = at + headerBytes + bytes.readUInt16BE(at + 1);
      if (end > bytes.length) break;
      const kind = bytes[at] as number;
      const payload = bytes.subarray(at + headerBytes, end);
      at = end;
      if (!onFrame(kind, payload)) {
        this.#pending = Buffer.alloc(0);
        return;
      }
    }
    this.#pending = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
  }
}
