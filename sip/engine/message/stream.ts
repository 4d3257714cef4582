import { headEnd } from './parse.ts';

/** One message, head and body together. */
export const maxMessageBytes = 65_536;

export type StreamPart = { readonly kind: 'message'; readonly bytes: Buffer } | { readonly kind: 'ping' };

const contentLength = /\r\n(?:content-length|l)[ \t]*:([^\r\n]*)/gi;

/**
 * Cuts a TCP stream into messages by Content-Length (RFC 3261 section 18.3). A double CRLF between messages is a
 * keepalive to be answered with one CRLF (RFC 5626 section 3.5.1); a single one is passed over.
 */
export class StreamFramer {
  #pending: Buffer = Buffer.alloc(0);
  /** No end of head lies before this offset: a slow stream is not searched again and again. */
  #searchedBytes = 0;

  /** True while part of a message has come. */
  get midMessage(): boolean {
    return this.#pending.length > 2;
  }

  /** Undefined when the stream can no longer be cut: close the connection. */
  push(chunk: Buffer): StreamPart[] | undefined {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const parts: StreamPart[] = [];
    for (;;) {
      this.#skipLineEnds(parts);
      const end = headEnd(this.#pending, Math.max(0, this.#searchedBytes - 3));
      if (end === -1) {
        this.#searchedBytes = this.#pending.length;
        return this.#pending.length > maxMessageBytes ? undefined : parts;
      }
      this.#searchedBytes = end;
      const bodyBytes = statedLength(this.#pending.toString('latin1', 0, end));
      const total = end + 4 + (bodyBytes ?? 0);
      if (bodyBytes === undefined || total > maxMessageBytes) return undefined;
      if (this.#pending.length < total) return parts;
      parts.push({ kind: 'message', bytes: this.#pending.subarray(0, total) });
      this.#pending = this.#pending.subarray(total);
      this.#searchedBytes = 0;
    }
  }

  #skipLineEnds(parts: StreamPart[]): void {
    let at = 0;
    while (this.#pending[at] === 0x0d && this.#pending[at + 1] === 0x0a) {
      // The other half of a keepalive may be on its way: decided when more has come.
      if (this.#pending.length - at < 4 && this.#pending[at + 2] !== 0x0a) {
        if (this.#pending.length - at === 2 || this.#pending[at + 2] === 0x0d) break;
      }
      if (this.#pending[at + 2] === 0x0d && this.#pending[at + 3] === 0x0a) {
        parts.push({ kind: 'ping' });
        at += 2;
      }
      at += 2;
    }
    if (at > 0) {
      this.#pending = this.#pending.subarray(at);
      this.#searchedBytes = 0;
    }
  }
}

/** Absent: 0, for there is no other end to go by. Undefined where it is no number, or two disagree. */
function statedLength(head: string): number | undefined {
  let length: number | undefined;
  for (const [, text = ''] of head.matchAll(contentLength)) {
    const stated = /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
    if (stated === undefined || (length !== undefined && length !== stated)) return undefined;
    length = stated;
  }
  return length ?? 0;
}
