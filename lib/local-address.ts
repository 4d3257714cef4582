import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { isLoopback, isUnspecified, plainAddress } from './addresses.ts';

export interface LocalAddressOptions {
  /** What the server is bound to; a specific address is what every peer elsewhere sees. */
  readonly boundAddress: string;
  /** Put forward to every peer that is not loopback. */
  readonly advertiseAddress: string | undefined;
}

const cacheMs = 10_000;
const cacheEntries = 10_000;

/**
 * Which of our addresses a peer (an IP) can reach us at. The kernel is asked by connecting a UDP socket, which sends
 * nothing; answers are kept for ten seconds.
 */
export function createLocalAddress(options: LocalAddressOptions): (peerAddress: string) => Promise<string> {
  const known = new Map<string, { readonly address: string; readonly untilMs: number }>();
  return async (peerAddress) => {
    const peer = plainAddress(peerAddress);
    if (!isLoopback(peer)) {
      if (options.advertiseAddress !== undefined) return options.advertiseAddress;
      if (!isUnspecified(options.boundAddress) && !isLoopback(options.boundAddress)) return options.boundAddress;
    }
    const nowMs = performance.now();
    const cached = known.get(peer);
    if (cached !== undefined && cached.untilMs > nowMs) return cached.address;
    const address = await reachingAddress(peer).catch(() => options.boundAddress);
    if (known.size >= cacheEntries) known.clear();
    known.set(peer, { address, untilMs: nowMs + cacheMs });
    return address;
  };
}

/** The source address that the kernel would use towards `peer`. Rejects where there is no route. */
function reachingAddress(peer: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIP(peer) === 6 ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    // Port 9, discard: connecting a datagram socket sends nothing.
    socket.connect(9, peer, () => {
      const { address } = socket.address();
      socket.close();
      resolve(plainAddress(address));
    });
  });
}
