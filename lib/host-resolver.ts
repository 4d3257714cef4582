import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Clock } from './clock.ts';
import { SidetoneError } from './errors.ts';

const maxKnown = 1024;
const minTtlS = 5;
const maxTtlS = 300;
const serverTimeoutMs = 1000;

/**
 * Host names to IPv4 addresses (A records; the subset of RFC 3263 that telephony.md asks for). The name servers are
 * asked off the main thread and off the thread pool; a name that they do not know may stand in the hosts file.
 */
export class HostResolver {
  readonly #clock: Clock;
  readonly #resolver = new Resolver({ timeout: serverTimeoutMs, tries: 2 });
  readonly #known = new Map<string, { readonly addresses: readonly string[]; readonly untilMs: number }>();
  readonly #asking = new Map<string, Promise<readonly string[]>>();

  /** `servers` are name servers, `host:port`; none: the system's. */
  constructor(clock: Clock, servers: readonly string[] = []) {
    this.#clock = clock;
    if (servers.length > 0) this.#resolver.setServers(servers);
  }

  /** What needs no asking: an address, or a name asked before. */
  known(host: string): readonly string[] | undefined {
    if (isIP(host) !== 0) return [host];
    const name = host.toLowerCase();
    if (name === 'localhost') return ['127.0.0.1'];
    const known = this.#known.get(name);
    return known !== undefined && known.untilMs > this.#clock.nowMs() ? known.addresses : undefined;
  }

  /** @throws SidetoneError `sip-unreachable` when the name has no address. */
  async resolve(host: string): Promise<readonly string[]> {
    const known = this.known(host);
    if (known !== undefined) return known;
    const name = host.toLowerCase();
    const running = this.#asking.get(name);
    if (running !== undefined) return running;
    const asked = this.#ask(name).finally(() => this.#asking.delete(name));
    this.#asking.set(name, asked);
    return asked;
  }

  async #ask(name: string): Promise<readonly string[]> {
    let addresses: readonly string[] = [];
    let ttlS = minTtlS;
    try {
      const records = await this.#resolver.resolve4(name, { ttl: true });
      addresses = records.map((record) => record.address);
      ttlS = Math.min(maxTtlS, Math.max(minTtlS, ...records.map((record) => record.ttl)));
    } catch {
      const found = await lookup(name, { all: true, family: 4 }).catch(() => []);
      addresses = found.map((each) => each.address);
    }
    if (addresses.length === 0) throw new SidetoneError('sip-unreachable', 'the host name has no address');
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(name, { addresses, untilMs: this.#clock.nowMs() + ttlS * 1000 });
    return addresses;
  }
}
