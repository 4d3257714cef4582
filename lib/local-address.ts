import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { isLoopback, isUnspecified, plainAddress } from './addresses.ts';

export interface LocalAddressOptions {
  /** The IP that the server is bound to. */
  readonly boundAddress: string;
  /** Put forward to every peer that is not on loopback. */
  readonly advertiseAddress: string | undefined;
}

const freshMs = 10_000;
const maxKnown = 4096;

/**
 * Which of our addresses a peer (an IP) can reach us at (telephony.md, Addresses): the advertised one unless the peer
 * is on loopback, else the one that we are bound to, else the one that the kernel would send from. The kernel is asked
 * by connecting a UDP socket, which sends nothing.
 *
 * Bound to loopback, a peer with another address of this machine (a softphone that calls 127.0.0.1) can reach us at
 * the bound address alone; one that is elsewhere is never told it.
 */
export class LocalAddresses {
  readonly #options: LocalAddressOptions;
  readonly #known = new Map<string, { readonly address: string; readonly freshUntilMs: number }>();
  readonly #learning = new Map<string, Promise<string>>();

  constructor(options: LocalAddressOptions) {
    this.#options = options;
  }

  /** Undefined until it has been learnt. What was learnt more than ten seconds ago is given and learnt anew. */
  known(peerAddress: string): string | undefined {
    const peer = plainAddress(peerAddress);
    const fixed = this.#fixed(peer);
    if (fixed !== undefined) return fixed;
    const known = this.#known.get(peer);
    if (known !== undefined && known.freshUntilMs < performance.now()) void this.#ask(peer);
    return known?.address;
  }

  /** Where the kernel has no way to that peer: the bound address, or loopback; sending will fail and say so. */
  learn(peerAddress: string): Promise<string> {
    const known = this.known(peerAddress);
    return known === undefined ? this.#ask(plainAddress(peerAddress)) : Promise.resolve(known);
  }

  /** What follows from the options alone. */
  #fixed(peer: string): string | undefined {
    const { boundAddress, advertiseAddress } = this.#options;
    if (isLoopback(peer)) return isUnspecified(boundAddress) ? loopbackFor(peer) : boundAddress;
    if (advertiseAddress !== undefined) return advertiseAddress;
    return isUnspecified(boundAddress) || isLoopback(boundAddress) ? undefined : boundAddress;
  }

  #ask(peer: string): Promise<string> {
    const running = this.#learning.get(peer);
    if (running !== undefined) return running;
    const { boundAddress } = this.#options;
    const otherwise = isUnspecified(boundAddress) ? loopbackFor(peer) : boundAddress;
    const asked = sourceTowards(peer).then((source) => {
      const isThisMachine = source === peer && isLoopback(boundAddress);
      const address = source === undefined || isThisMachine ? otherwise : source;
      if (this.#known.size >= maxKnown) this.#known.clear();
      this.#known.set(peer, { address, freshUntilMs: performance.now() + freshMs });
      this.#learning.delete(peer);
      return address;
    });
    this.#learning.set(peer, asked);
    return asked;
  }
}

function loopbackFor(peer: string): string {
  return isIP(peer) === 6 ? '::1' : '127.0.0.1';
}

/** The source address that the kernel would use; undefined where there is no route. */
function sourceTowards(peer: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIP(peer) === 6 ? 'udp6' : 'udp4');
    const settle = (address: string | undefined): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => settle(undefined));
    // Port 9, discard.
    socket.connect(9, peer, () => settle(plainAddress(socket.address().address)));
  });
}
