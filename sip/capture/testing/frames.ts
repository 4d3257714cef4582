import { isIPv6 } from 'node:net';

/** Builds what a network carries, from the RFCs, for captures that tests write. */
export interface Address {
  readonly ip: string;
  readonly port: number;
}

export function udp(from: Address, to: Address, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt16BE(8 + payload.length, 4);
  return Buffer.concat([header, payload]);
}

export interface TcpFields {
  readonly sequence: number;
  readonly flags?: readonly ('syn' | 'fin' | 'rst' | 'ack')[];
  /** Bytes of options: a multiple of four. */
  readonly optionBytes?: number;
}
const flagBits = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

export function tcp(from: Address, to: Address, payload: Buffer, fields: TcpFields): Buffer {
  const header = Buffer.alloc(20 + (fields.optionBytes ?? 0), 1);
  header.fill(0, 0, 20);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt32BE(fields.sequence >>> 0, 4);
  header[12] = (header.length / 4) << 4;
  header[13] = (fields.flags ?? ['ack']).reduce((bits, flag) => bits | flagBits[flag], 0);
  return Buffer.concat([header, payload]);
}

export type Protocol = 'udp' | 'tcp';
const protocolNumbers = { tcp: 6, udp: 17 } as const;

export interface IpFields {
  readonly id?: number;
  /** Of the fragment, in bytes, a multiple of eight. */
  readonly fragmentAt?: number;
  readonly moreFragments?: boolean;
}

export function ip(from: Address, to: Address, protocol: Protocol, payload: Buffer, fields: IpFields = {}): Buffer {
  return isIPv6(from.ip) ? ip6(from, to, protocol, payload, fields) : ip4(from, to, protocol, payload, fields);
}

function ip4(from: Address, to: Address, protocol: Protocol, payload: Buffer, fields: IpFields): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(fields.id ?? 1, 4);
  header.writeUInt16BE((fields.moreFragments === true ? 0x2000 : 0) | ((fields.fragmentAt ?? 0) / 8), 6);
  header[8] = 64;
  header[9] = protocolNumbers[protocol];
  Buffer.from(from.ip.split('.').map(Number)).copy(header, 12);
  Buffer.from(to.ip.split('.').map(Number)).copy(header, 16);
  return Buffer.concat([header, payload]);
}

function ip6(from: Address, to: Address, protocol: Protocol, payload: Buffer, fields: IpFields): Buffer {
  const isFragment = fields.fragmentAt !== undefined || fields.moreFragments === true;
  // A hop-by-hop header with nothing but padding stands before the fragment header.
  const extensions = isFragment ? Buffer.alloc(16) : Buffer.alloc(0);
  if (isFragment) {
    extensions[0] = 44;
    extensions[2] = 1;
    extensions[3] = 4;
    extensions[8] = protocolNumbers[protocol];
    extensions.writeUInt16BE((fields.fragmentAt ?? 0) | (fields.moreFragments === true ? 1 : 0), 10);
    extensions.writeUInt32BE(fields.id ?? 1, 12);
  }
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(extensions.length + payload.length, 4);
  header[6] = isFragment ? 0 : protocolNumbers[protocol];
  header[7] = 64;
  groups(from.ip).copy(header, 8);
  groups(to.ip).copy(header, 24);
  return Buffer.concat([header, extensions, payload]);
}

function groups(text: string): Buffer {
  const [before = '', after = ''] = text.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === '' ? [] : after.split(':');
  const all = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.concat(all.map((group) => Buffer.from(group.padStart(4, '0'), 'hex')));
}

/** An IP packet cut into fragments of at most `pieceBytes` of payload (a multiple of eight). */
export function fragments(from: Address, to: Address, payload: Buffer, pieceBytes: number, id: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < payload.length; at += pieceBytes) {
    const piece = payload.subarray(at, at + pieceBytes);
    const moreFragments = at + pieceBytes < payload.length;
    pieces.push(ip(from, to, 'udp', piece, { id, fragmentAt: at, moreFragments }));
  }
  return pieces;
}

const etherTypes = { 4: 0x0800, 6: 0x86dd } as const;
function etherType(packet: Buffer): number {
  return etherTypes[((packet[0] as number) >> 4) as 4 | 6];
}

/** Frames of each link type that is read, by its LINKTYPE_ number. */
export const linkFrames: Readonly<Record<string, { linkType: number; frame: (packet: Buffer) => Buffer }>> = {
  ethernet: { linkType: 1, frame: (packet) => ethernet(packet, []) },
  vlan: { linkType: 1, frame: (packet) => ethernet(packet, [0x8100]) },
  qinq: { linkType: 1, frame: (packet) => ethernet(packet, [0x88a8, 0x8100]) },
  cooked: { linkType: 113, frame: (packet) => Buffer.concat([sixteen(packet), packet]) },
  cooked2: { linkType: 276, frame: (packet) => Buffer.concat([twenty(packet), packet]) },
  raw: { linkType: 101, frame: (packet) => packet },
  null: { linkType: 0, frame: (packet) => Buffer.concat([Buffer.from([2, 0, 0, 0]), packet]) },
  loop: { linkType: 108, frame: (packet) => Buffer.concat([Buffer.from([0, 0, 0, 2]), packet]) },
};

function ethernet(packet: Buffer, tags: readonly number[]): Buffer {
  const header = Buffer.alloc(14 + 4 * tags.length);
  header.fill(0xaa, 0, 12);
  tags.forEach((tag, index) => {
    header.writeUInt16BE(tag, 12 + 4 * index);
    header.writeUInt16BE(100 + index, 14 + 4 * index);
  });
  header.writeUInt16BE(etherType(packet), header.length - 2);
  // A short frame is padded; the padding is none of the packet's.
  return Buffer.concat([header, packet, Buffer.alloc(Math.max(0, 46 - packet.length), 0x55)]);
}

function sixteen(packet: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt16BE(1, 2);
  header.writeUInt16BE(6, 4);
  header.writeUInt16BE(etherType(packet), 14);
  return header;
}

function twenty(packet: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(etherType(packet), 0);
  header.writeUInt32BE(3, 4);
  return header;
}
