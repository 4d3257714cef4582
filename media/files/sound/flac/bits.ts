/** A bit string from the high bit of each byte on. Reading past the end gives zeros and sets `overrun`. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #endBit: number;
  #bit: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#bit = start * 8;
    this.#endBit = end * 8;
  }

  get overrun(): boolean {
    return this.#bit > this.#endBit;
  }

  get bytePosition(): number {
    return (this.#bit + 7) >> 3;
  }

  toByte(): void {
    this.#bit = (this.#bit + 7) & ~7;
  }

  /** 0 to 32 bits. */
  unsigned(bits: number): number {
    if (bits === 0) return 0;
    const value = this.#peek32() >>> (32 - bits);
    this.#bit += bits;
    return value;
  }

  /** 1 to 32 bits, two's complement. */
  signed(bits: number): number {
    const value = this.#peek32() >> (32 - bits);
    this.#bit += bits;
    return value;
  }

  /** Zeros before the next one; the one is read too. */
  unary(): number {
    let zeros = 0;
    for (;;) {
      const ahead = this.#peek32();
      if (ahead !== 0) {
        const count = Math.clz32(ahead);
        this.#bit += count + 1;
        return zeros + count;
      }
      zeros += 32;
      this.#bit += 32;
      if (this.overrun) return zeros;
    }
  }

  #peek32(): number {
    const bytes = this.#bytes;
    const at = this.#bit >> 3;
    if (this.#bit + 40 > this.#endBit) return this.#peekNearEnd(at);
    const four =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
    const shift = this.#bit & 7;
    return shift === 0 ? four : (four << shift) | ((bytes[at + 4] as number) >> (8 - shift));
  }

  #peekNearEnd(at: number): number {
    const end = this.#endBit >> 3;
    const byte = (n: number): number => (at + n < end ? (this.#bytes[at + n] as number) : 0);
    const four = (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3);
    const shift = this.#bit & 7;
    return shift === 0 ? four : (four << shift) | (byte(4) >> (8 - shift));
  }
}
