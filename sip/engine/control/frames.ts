/**
 * drachtio's control protocol frames: `<decimal length>#<payload>`, the length counted in UTF-8 bytes. The payload is
 * a line of fields parted by `|` and, where a SIP message goes along, CRLF and the message.
 */
const maxFrameBytes = 1024 * 1024;
const maxLengthDigits = 7;

export class FrameDecoder {
  #pending: Buffer = Buffer.alloc(0);

  /** Undefined when the bytes are no frames: close the connection. */
  push(chunk: Buffer): Buffer[] | undefined {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const payloads: Buffer[] = [];
    for (;;) {
      const hash = this.#pending.indexOf(0x23);
      if (hash === -1) return this.#pending.length > maxLengthDigits ? undefined : payloads;
      const length = hash > maxLengthDigits ? NaN : Number(this.#pending.toString('latin1', 0, hash));
      if (!Number.isInteger(length) || length <= 0 || length > maxFrameBytes) return undefined;
      const end = hash + 1 + length;
      if (this.#pending.length < end) return payloads;
      payloads.push(this.#pending.subarray(hash + 1, end));
      this.#pending = this.#pending.subarray(end);
    }
  }
}

export function encodeFrame(text: string, body: Buffer): Buffer {
  const payload = Buffer.from(text);
  const length = Buffer.from(`${payload.length + body.length}#`, 'latin1');
  return Buffer.concat([length, payload, body]);
}

/** The payload's fields and the message after them, if any. */
export interface Command {
  readonly id: string;
  readonly verb: string;
  readonly fields: readonly string[];
  readonly message: Buffer;
}

export function parseCommand(payload: Buffer): Command {
  const lineEnd = payload.indexOf('\r\n', 0, 'latin1');
  const leader = payload.toString('utf8', 0, lineEnd === -1 ? payload.length : lineEnd);
  const [id = '', verb = '', ...fields] = leader.split('|');
  return { id, verb, fields, message: lineEnd === -1 ? Buffer.alloc(0) : payload.subarray(lineEnd + 2) };
}

/** Ids go between the bars: whatever else they hold stays, for they are opaque to the application. */
export function fieldText(text: string): string {
  return /[|\r\n]/.test(text) ? text.replace(/[|\r\n]/g, '_') : text;
}
