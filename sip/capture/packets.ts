import type { AddressTable } from './addresses.ts';
import { IpReader, type TransportPacket } from './ip.ts';
import { ipStart, links } from './link.ts';
import type { CaptureRecord } from './record.ts';

/** Frames to UDP datagrams and TCP segments. One for a pass over a file. */
export class PacketReader {
  readonly ip: IpReader;
  otherLinks = 0;

  constructor(addresses: AddressTable) {
    this.ip = new IpReader(addresses);
  }

  /** The packet is a view: read it before the next record. */
  read(record: CaptureRecord): TransportPacket | undefined {
    const { bytes, start, end, linkType } = record;
    if (!links.includes(linkType)) {
      this.otherLinks++;
      return undefined;
    }
    const at = ipStart(linkType, bytes, start, end);
    if (at === -1 || at >= end) return undefined;
    return this.ip.read(bytes, at, end, record.atEpochMs) ? this.ip.packet : undefined;
  }
}
