import { StreamFramer } from '../engine/message/stream.ts';

/** A stream that shows no SIP for this long carries something else. */
const maxSearchBytes = 65_536;
const maxStartLineBytes = 2048;
const startLine = /(?:^|\r\n)(?=(?:SIP\/2\.0 [1-6]\d\d |[A-Z]{2,20} (?:sips?|tel):[^\s]{1,1000} SIP\/2\.0\r\n))/i;

/** Does a datagram, or the beginning of a stream, look like a SIP message? */
export function looksLikeSip(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < 16) return false;
  const first = bytes[start] as number;
  if (first < 0x41 || first > 0x5a) return false;
  const head = bytes.subarray(start, Math.min(end, start + maxStartLineBytes));
  const lineEnd = head.indexOf('\r\n', 0, 'latin1');
  if (lineEnd === -1) return false;
  const line = head.toString('latin1', 0, lineEnd);
  return line.startsWith('SIP/2.0 ') || line.endsWith(' SIP/2.0');
}

/**
 * The SIP messages of one direction of a TCP connection. It may begin, or be taken up again after a gap, in the middle
 * of a message: then it looks for the next start line. Framing from there is the engine's, by Content-Length.
 */
export class SipStream {
  readonly #onMessage: (bytes: Buffer) => void;
  #framer: StreamFramer | undefined;
  #searched: Buffer = Buffer.alloc(0);
  #searchedBytes = 0;
  #hasSpokenSip = false;
  /** It carries no SIP: nothing more need be handed in. */
  isOther = false;

  constructor(onMessage: (bytes: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  push(bytes: Buffer): void {
    if (this.isOther) return;
    if (this.#framer === undefined) this.#search(bytes);
    else this.#frame(this.#framer, bytes);
  }

  /** Bytes are missing before the next ones. */
  lose(): void {
    this.#framer = undefined;
    this.#searched = Buffer.alloc(0);
  }

  #frame(framer: StreamFramer, bytes: Buffer): void {
    // The framer keeps what it is given; the capture's window is written again.
    const parts = framer.push(Buffer.from(bytes));
    if (parts === undefined) this.lose();
    for (const part of parts ?? []) if (part.kind === 'message') this.#onMessage(part.bytes);
  }

  #search(bytes: Buffer): void {
    const text = Buffer.concat([this.#searched, bytes]);
    const found = startLine.exec(text.toString('latin1'));
    if (found === null) {
      this.#searchedBytes += bytes.length;
      this.isOther = !this.#hasSpokenSip && this.#searchedBytes > maxSearchBytes;
      // A start line may be cut in two.
      this.#searched = this.isOther ? Buffer.alloc(0) : Buffer.from(text.subarray(-maxStartLineBytes));
      return;
    }
    this.#hasSpokenSip = true;
    this.#searched = Buffer.alloc(0);
    this.#framer = new StreamFramer();
    this.#frame(this.#framer, text.subarray(found.index + found[0].length));
  }
}
