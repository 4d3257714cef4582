import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { isLoopback, isUnspecified } from '#lib/addresses.ts';

const maxKnown = 4096;

/**
 * The address that a peer can reach us at (telephony.md, Addresses): `advertise` for every peer that is not on
 * loopback, else the address that we are bound to, else the one that the system would send from, which a connected
 * UDP socket tells without sending anything.
 */
export class LocalAddresses {
  readonly #bound: string;
  readonly #advertise: string | undefined;
  readonly #known = new Map<string, string>();
  readonly #learning = new Map<string, Promise<string>>();

  constructor(bound: string, advertise: string | undefined) {
    this.#bound = bound;
    this.#advertise = advertise;
  }

  /** Undefined until it has been learnt. */
  known(peer: string): string | undefined {
    if (isLoopback(peer)) {
      if (!isUnspecified(this.#bound)) return this.#bound;
      return isIP(peer) === 6 ? '::1' : '127.0.0.1';
    }
    if (this.#advertise !== undefined) return this.#advertise;
    return isUnspecified(this.#bound) ? this.#known.get(peer) : this.#bound;
  }

  /** Falls back to loopback where the system has no way to that peer: the send will fail and say so. */
  learn(peer: string): Promise<string> {
    const known = this.known(peer);
    if (known !== undefined) return Promise.resolve(known);
    const running = this.#learning.get(peer);
    if (running !== undefined) return running;
    const asked = addressTowards(peer).then((address) => {
      this.#learning.delete(peer);
      // A network may change under us: forgetting all now and then is cheaper than noticing.
      if (this.#known.size >= maxKnown) this.#known.clear();
      this.#known.set(peer, address);
      return address;
    });
    this.#learning.set(peer, asked);
    return asked;
  }
}

function addressTowards(peer: string): Promise<string> {
  return new Promise((resolve) => {
    const v6 = isIP(peer) === 6;
    const socket = createSocket(v6 ? 'udp6' : 'udp4');
    const settle = (address: string): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => settle(v6 ? '::1' : '127.0.0.1'));
    socket.connect(9, peer, () => settle(socket.address().address));
  });
}
