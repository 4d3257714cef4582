/**
 * Bencode, the notation of rtpengine's ng protocol: `d3:key5:valuee` dictionaries, `l...e` lists, `i42e` integers,
 * `4:text` byte strings. Texts are UTF-8. Dictionaries keep the order in which their keys came (rtpengine lists who
 * called before who was called) and are maps, because tags are often nothing but digits.
 */
export type Bencode = string | number | readonly Bencode[] | BencodeDictionary;
export type BencodeDictionary = ReadonlyMap<string, Bencode>;

/** What can be written; a key with `undefined` is left out. */
export type Encodable = string | number | readonly Encodable[] | { readonly [key: string]: Encodable | undefined };

const maxDepth = 24;
const maxDigits = 15;
const [colon, minus, zero, nine] = [0x3a, 0x2d, 0x30, 0x39];
const [dictionary, integer, list, end] = [0x64, 0x69, 0x6c, 0x65];

export function encodeBencode(value: Encodable): Buffer {
  const parts: Buffer[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

function write(value: Encodable, parts: Buffer[]): void {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    parts.push(Buffer.from(`${bytes.length}:`), bytes);
  } else if (typeof value === 'number') {
    parts.push(Buffer.from(`i${Math.trunc(value)}e`));
  } else if (isList(value)) {
    parts.push(Buffer.from('l'));
    for (const item of value) write(item, parts);
    parts.push(Buffer.from('e'));
  } else {
    parts.push(Buffer.from('d'));
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      write(key, parts);
      write(item, parts);
    }
    parts.push(Buffer.from('e'));
  }
}

function isList(value: Encodable): value is readonly Encodable[] {
  return Array.isArray(value);
}

/** The one value that the bytes hold from `start` to their end; undefined when that is not bencode. Never throws. */
export function decodeBencode(bytes: Uint8Array, start = 0): Bencode | undefined {
  const reader = new Reader(bytes, start);
  const value = reader.value(0);
  return reader.isAtEnd ? value : undefined;
}

class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Undefined: malformed, cut off or too deep; the reader is of no more use. */
  value(depth: number): Bencode | undefined {
    if (depth > maxDepth) return undefined;
    if (this.#takes(dictionary)) return this.#dictionary(depth);
    if (this.#takes(list)) return this.#list(depth);
    if (this.#takes(integer)) return this.#number(end, true);
    return this.#text();
  }

  #dictionary(depth: number): BencodeDictionary | undefined {
    const entries = new Map<string, Bencode>();
    while (!this.#takes(end)) {
      const key = this.#text();
      if (key === undefined) return undefined;
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      entries.set(key, value);
    }
    return entries;
  }

  #list(depth: number): readonly Bencode[] | undefined {
    const items: Bencode[] = [];
    while (!this.#takes(end)) {
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      items.push(value);
    }
    return items;
  }

  #text(): string | undefined {
    const length = this.#number(colon, false);
    if (length === undefined || length > this.#bytes.length - this.#at) return undefined;
    const text = this.#bytes.toString('utf8', this.#at, this.#at + length);
    this.#at += length;
    return text;
  }

  #number(terminator: number, signed: boolean): number | undefined {
    const isNegative = signed && this.#takes(minus);
    let value = 0;
    let digits = 0;
    for (let byte = this.#bytes[this.#at]; byte !== undefined && byte >= zero && byte <= nine;) {
      if (++digits > maxDigits) return undefined;
      value = value * 10 + (byte - zero);
      byte = this.#bytes[++this.#at];
    }
    if (digits === 0 || !this.#takes(terminator)) return undefined;
    return isNegative && value !== 0 ? -value : value;
  }

  #takes(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }
}
