/** RFC 791 section 3.2 and RFC 8200 section 4.5: an IP packet put together from its fragments. */
const maxDatagrams = 512;
const maxPieces = 1024;
const maxDatagramBytes = 65_535;
const patienceMs = 30_000;

interface Piece {
  readonly at: number;
  readonly bytes: Buffer;
}

interface Datagram {
  readonly pieces: Piece[];
  heldBytes: number;
  /** -1 until the last fragment has come. */
  totalBytes: number;
  readonly sinceEpochMs: number;
}

/** Bounded: the oldest is given up for a new one. Time is the capture's. */
export class FragmentTable {
  readonly #waiting = new Map<string, Datagram>();
  /** Datagrams given up: too late, too many, or pieces that contradict each other. */
  lost = 0;

  /** Those that will never be whole, at the end of the file. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The datagram's payload when this piece makes it whole. `key` tells datagrams apart; the bytes are copied. */
  add(key: string, at: number, piece: Buffer, isLast: boolean, atEpochMs: number): Buffer | undefined {
    this.#forgetOld(atEpochMs);
    let datagram = this.#waiting.get(key);
    if (datagram === undefined) {
      if (this.#waiting.size >= maxDatagrams) this.#giveUp(this.#waiting.keys().next().value ?? key);
      datagram = { pieces: [], heldBytes: 0, totalBytes: -1, sinceEpochMs: atEpochMs };
      this.#waiting.set(key, datagram);
    }
    const end = at + piece.length;
    const verdict = fit(datagram, at, end, isLast);
    if (verdict === 'again') return undefined;
    if (verdict === 'wrong') {
      this.#giveUp(key);
      return undefined;
    }
    datagram.pieces.push({ at, bytes: Buffer.from(piece) });
    datagram.heldBytes += piece.length;
    if (isLast) datagram.totalBytes = end;
    if (datagram.heldBytes !== datagram.totalBytes) return undefined;
    this.#waiting.delete(key);
    const whole = Buffer.alloc(datagram.totalBytes);
    for (const each of datagram.pieces) each.bytes.copy(whole, each.at);
    return whole;
  }

  #forgetOld(nowEpochMs: number): void {
    for (const [key, datagram] of this.#waiting) {
      if (nowEpochMs - datagram.sinceEpochMs < patienceMs) return;
      this.#giveUp(key);
    }
  }

  #giveUp(key: string): void {
    if (this.#waiting.delete(key)) this.lost++;
  }
}

/** Overlaps are refused whole (RFC 5722); the very same piece may come twice, as when one packet is captured twice. */
function fit(datagram: Datagram, at: number, end: number, isLast: boolean): 'new' | 'again' | 'wrong' {
  if (end > maxDatagramBytes || end === at || datagram.pieces.length >= maxPieces) return 'wrong';
  if (datagram.totalBytes !== -1 && (end > datagram.totalBytes || (isLast && end !== datagram.totalBytes))) {
    return 'wrong';
  }
  for (const piece of datagram.pieces) {
    const pieceEnd = piece.at + piece.bytes.length;
    if (piece.at === at && pieceEnd === end) return 'again';
    if (at < pieceEnd && piece.at < end) return 'wrong';
    if (isLast && pieceEnd > end) return 'wrong';
  }
  return 'new';
}
