import { BlockList, isIP } from 'node:net';

/** IPv4-mapped IPv6 (`::ffff:192.0.2.1`) as the IPv4 it is. */
export function plainAddress(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address;
}

export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** 0.0.0.0 and `::`: every interface when bound, nobody's address when written in a message. */
export function isUnspecified(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '0.0.0.0' || plain === '::';
}

export function isCidr(text: string): boolean {
  return parseCidr(text) !== undefined;
}

function parseCidr(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', prefixText, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  return prefix > bits ? undefined : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Tells whether an address lies in any of the blocks. */
export function addressMatcher(cidrs: readonly string[]): (address: string) => boolean {
  const blocks = new BlockList();
  for (const text of cidrs) {
    const block = parseCidr(text);
    if (block !== undefined) blocks.addSubnet(block.address, block.prefix, block.family);
  }
  return (address) => {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && blocks.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
}
