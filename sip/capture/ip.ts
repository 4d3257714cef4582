import { endpoint, type AddressTable, type Endpoint } from './addresses.ts';
import { FragmentTable } from './fragments.ts';

const protocolTcp = 6;
const protocolUdp = 17;
/** IPv6 extension headers that are stepped over (RFC 8200 section 4): hop-by-hop, routing, destination options. */
const steppedOver: readonly number[] = [0, 43, 60];
const extensionFragment = 44;
const maxExtensions = 16;

/** What one IP packet carried: a view, filled again and again. */
export interface TransportPacket {
  protocol: 'udp' | 'tcp';
  source: Endpoint;
  target: Endpoint;
  /** The payload is [start, end) of `bytes`. */
  bytes: Buffer;
  start: number;
  end: number;
  /** TCP. */
  sequence: number;
  syn: boolean;
  /** FIN or RST. */
  over: boolean;
}

/** UDP and TCP out of IP packets, fragments put together. One for a pass over a file. */
export class IpReader {
  readonly #addresses: AddressTable;
  readonly #fragments = new FragmentTable();
  #source = 0;
  #target = 0;
  cutPackets = 0;
  malformedPackets = 0;
  readonly packet: TransportPacket = {
    protocol: 'udp',
    source: 0,
    target: 0,
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    sequence: 0,
    syn: false,
    over: false,
  };

  constructor(addresses: AddressTable) {
    this.#addresses = addresses;
  }

  get lostFragments(): number {
    return this.#fragments.lost + this.#fragments.waiting;
  }

  /** Reads the IP packet at [start, end); true when `packet` is filled. */
  read(bytes: Buffer, start: number, end: number, atEpochMs: number): boolean {
    const version = end > start ? (bytes[start] as number) >> 4 : 0;
    if (version === 4) return this.#four(bytes, start, end, atEpochMs);
    if (version === 6) return this.#six(bytes, start, end, atEpochMs);
    return this.#malformed();
  }

  #four(bytes: Buffer, start: number, end: number, atEpochMs: number): boolean {
    if (end - start < 20) return this.#malformed();
    const headerBytes = 4 * ((bytes[start] as number) & 0x0f);
    const statedBytes = bytes.readUInt16BE(start + 2);
    const fragment = bytes.readUInt16BE(start + 6);
    const protocol = bytes[start + 9] as number;
    if (protocol !== protocolUdp && protocol !== protocolTcp) return false;
    // 0: the network card was to cut it (segmentation offload); then it is as long as what was captured.
    const totalBytes = statedBytes === 0 ? end - start : statedBytes;
    if (headerBytes < 20 || totalBytes < headerBytes) return this.#malformed();
    if (start + totalBytes > end) return this.#cut();
    this.#source = this.#addresses.four(bytes, start + 12);
    this.#target = this.#addresses.four(bytes, start + 16);
    const payload = start + headerBytes;
    const stop = start + totalBytes;
    const more = (fragment & 0x2000) !== 0;
    const offset = 8 * (fragment & 0x1fff);
    if (!more && offset === 0) return this.#transport(protocol, bytes, payload, stop);
    const id = bytes.readUInt16BE(start + 4);
    return this.#fragment(`4 ${id}`, protocol, offset, bytes.subarray(payload, stop), more, atEpochMs);
  }

  #six(bytes: Buffer, start: number, end: number, atEpochMs: number): boolean {
    if (end - start < 40) return this.#malformed();
    const statedBytes = bytes.readUInt16BE(start + 4);
    const stop = statedBytes === 0 ? end : start + 40 + statedBytes;
    let next = bytes[start + 6] as number;
    let at = start + 40;
    const cut = stop > end;
    this.#source = this.#addresses.six(bytes, start + 8);
    this.#target = this.#addresses.six(bytes, start + 24);
    if (this.#source === -1 || this.#target === -1) return false;
    for (let extensions = 0; extensions < maxExtensions; extensions++) {
      if (next === protocolUdp || next === protocolTcp) {
        return cut ? this.#cut() : this.#transport(next, bytes, at, stop);
      }
      const isFragment = next === extensionFragment;
      if (!isFragment && !steppedOver.includes(next)) return false;
      if (at + 8 > Math.min(stop, end)) return cut ? this.#cut() : this.#malformed();
      next = bytes[at] as number;
      if (!isFragment) {
        at += 8 + 8 * (bytes[at + 1] as number);
        continue;
      }
      const field = bytes.readUInt16BE(at + 2);
      const id = bytes.readUInt32BE(at + 4);
      at += 8;
      const offset = field & 0xfff8;
      const more = (field & 1) !== 0;
      if (offset === 0 && !more) continue;
      if (cut) return this.#cut();
      return this.#fragment(`6 ${id}`, next, offset, bytes.subarray(at, stop), more, atEpochMs);
    }
    return this.#malformed();
  }

  #fragment(id: string, protocol: number, at: number, piece: Buffer, more: boolean, atEpochMs: number): boolean {
    const key = `${id} ${protocol} ${this.#source} ${this.#target}`;
    const whole = this.#fragments.add(key, at, piece, !more, atEpochMs);
    return whole !== undefined && this.#transport(protocol, whole, 0, whole.length);
  }

  #transport(protocol: number, bytes: Buffer, at: number, end: number): boolean {
    const { packet } = this;
    if (end - at < 8) return this.#malformed();
    packet.source = endpoint(this.#source, bytes.readUInt16BE(at));
    packet.target = endpoint(this.#target, bytes.readUInt16BE(at + 2));
    packet.bytes = bytes;
    if (protocol === protocolUdp) {
      const statedBytes = bytes.readUInt16BE(at + 4);
      if ((statedBytes < 8 && statedBytes !== 0) || at + statedBytes > end) return this.#malformed();
      packet.protocol = 'udp';
      packet.start = at + 8;
      packet.end = statedBytes === 0 ? end : at + statedBytes;
      return true;
    }
    if (protocol !== protocolTcp) return false;
    if (end - at < 20) return this.#malformed();
    const headerBytes = 4 * ((bytes[at + 12] as number) >> 4);
    if (headerBytes < 20 || at + headerBytes > end) return this.#malformed();
    const flags = bytes[at + 13] as number;
    packet.protocol = 'tcp';
    packet.sequence = bytes.readUInt32BE(at + 4);
    packet.syn = (flags & 0x02) !== 0;
    packet.over = (flags & 0x05) !== 0;
    packet.start = at + headerBytes;
    packet.end = end;
    return true;
  }

  #cut(): false {
    this.cutPackets++;
    return false;
  }

  #malformed(): false {
    this.malformedPackets++;
    return false;
  }
}
