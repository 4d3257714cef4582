import { isIPv4, isIPv6 } from 'node:net';

/** An address and a port as one number, unequal for unequal ones: the keys of everything that is looked up. */
export type Endpoint = number;

const ports = 65_536;
/** A capture with more hosts than this is no capture of a PBX. */
const maxAddresses = 1_000_000;

/** Numbers for addresses, so that no text is made for a packet. IPv4 is its own number; IPv6 gets the next one free. */
export class AddressTable {
  readonly #sixToNumber = new Map<string, number>();
  readonly #sixTexts: string[] = [];

  four(bytes: Buffer, at: number): number {
    return bytes.readUInt32BE(at);
  }

  /** -1 when there are too many. */
  six(bytes: Buffer, at: number): number {
    const key = bytes.toString('latin1', at, at + 16);
    const known = this.#sixToNumber.get(key);
    if (known !== undefined) return known;
    if (this.#sixTexts.length >= maxAddresses) return -1;
    const number = 2 ** 32 + this.#sixTexts.length;
    this.#sixToNumber.set(key, number);
    this.#sixTexts.push(sixText(bytes, at));
    return number;
  }

  /** Of an address as SDP spells it; undefined for a host name. */
  ofText(text: string): number | undefined {
    if (isIPv4(text)) return this.four(Buffer.from(text.split('.').map(Number)), 0);
    if (!isIPv6(text) || text.includes('%')) return undefined;
    const number = this.six(sixBytes(text), 0);
    return number === -1 ? undefined : number;
  }

  text(address: number): string {
    if (address >= 2 ** 32) return this.#sixTexts[address - 2 ** 32] ?? '::';
    return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
  }
}

export function endpoint(address: number, port: number): Endpoint {
  return address * ports + port;
}

export function addressOf(at: Endpoint): number {
  return Math.floor(at / ports);
}

function sixText(bytes: Buffer, at: number): string {
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(bytes.readUInt16BE(at + i).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

function sixBytes(text: string): Buffer {
  // The URL parser's spelling has no dotted part; only one run of groups can be missing.
  const plain = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [before = '', after] = plain.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  const bytes = Buffer.alloc(16);
  groups.forEach((group, index) => bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * index));
  return bytes;
}

/** A value for each ordered pair of endpoints. */
export class PairMap<Value> {
  readonly #bySource = new Map<Endpoint, Map<Endpoint, Value>>();
  size = 0;

  get(source: Endpoint, target: Endpoint): Value | undefined {
    return this.#bySource.get(source)?.get(target);
  }

  set(source: Endpoint, target: Endpoint, value: Value): void {
    let targets = this.#bySource.get(source);
    if (targets === undefined) this.#bySource.set(source, (targets = new Map<Endpoint, Value>()));
    if (!targets.has(target)) this.size++;
    targets.set(target, value);
  }

  delete(source: Endpoint, target: Endpoint): void {
    const targets = this.#bySource.get(source);
    if (targets === undefined || !targets.delete(target)) return;
    this.size--;
    if (targets.size === 0) this.#bySource.delete(source);
  }

  *values(): Iterable<Value> {
    for (const targets of this.#bySource.values()) yield* targets.values();
  }
}
