/** LINKTYPE_ values whose frames are read (www.tcpdump.org/linktypes.html). */
const linkNull = 0;
const linkEthernet = 1;
const linkRawBsd = 12;
const linkRawOpenBsd = 14;
const linkRaw = 101;
const linkLoop = 108;
const linkCooked = 113;
const linkIpv4 = 228;
const linkIpv6 = 229;
const linkCooked2 = 276;

const etherIpv4 = 0x0800;
const etherIpv6 = 0x86dd;
/** 802.1Q, 802.1ad, and the number that QinQ went by before it had one. */
const vlanTypes: readonly number[] = [0x8100, 0x88a8, 0x9100];

export const links: readonly number[] = [
  linkNull,
  linkEthernet,
  linkRawBsd,
  linkRawOpenBsd,
  linkRaw,
  linkLoop,
  linkCooked,
  linkIpv4,
  linkIpv6,
  linkCooked2,
];

/** Where the IP packet of a frame begins; -1 when the frame carries something else, or ends before it. */
export function ipStart(linkType: number, bytes: Buffer, start: number, end: number): number {
  switch (linkType) {
    case linkEthernet:
      return afterEtherType(bytes, start + 12, start + 14, end);
    case linkCooked:
      return afterEtherType(bytes, start + 14, start + 16, end);
    case linkCooked2:
      return afterEtherType(bytes, start, start + 20, end);
    case linkNull:
    case linkLoop:
      // The family's number differs from system to system; the packet's own version says as much.
      return start + 4;
    case linkRaw:
    case linkRawBsd:
    case linkRawOpenBsd:
    case linkIpv4:
    case linkIpv6:
      return start;
    default:
      return -1;
  }
}

function afterEtherType(bytes: Buffer, typeAt: number, payloadAt: number, end: number): number {
  let at = payloadAt;
  if (at > end) return -1;
  let type = bytes.readUInt16BE(typeAt);
  while (vlanTypes.includes(type)) {
    if (at + 4 > end) return -1;
    type = bytes.readUInt16BE(at + 2);
    at += 4;
  }
  return type === etherIpv4 || type === etherIpv6 ? at : -1;
}
