import type { Clock } from '#lib/clock.ts';
import { closeAll } from '#lib/closing.ts';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { HostResolver } from '#lib/host-resolver.ts';
import { LocalAddresses } from '#lib/local-address.ts';
import { parseSipUri, plainHost } from '../message/uri.ts';
import type { Flow, Hop, TransportEvents, TransportName } from './flow.ts';
import { TcpTransport } from './tcp.ts';
import { UdpTransport } from './udp.ts';

const bindAttempts = 20;

export interface Binding {
  readonly transport: TransportName;
  readonly address: string;
  readonly port: number;
}

export interface TransportOptions {
  readonly host: string;
  readonly port: number;
  readonly transports: readonly TransportName[];
  readonly advertiseAddress: string | undefined;
  readonly clock: Clock;
  readonly nameServers: readonly string[];
}

/** Every socket of the engine, and the way from a URI to a flow. */
export class Transports {
  readonly bindings: readonly Binding[];
  readonly #udp: UdpTransport | undefined;
  readonly #tcp: TcpTransport | undefined;
  readonly #addresses: LocalAddresses;
  readonly #resolver: HostResolver;

  private constructor(options: TransportOptions, addresses: LocalAddresses, bound: BoundTransports) {
    this.#udp = bound.udp;
    this.#tcp = bound.tcp;
    this.#addresses = addresses;
    this.#resolver = new HostResolver(options.clock, options.nameServers);
    this.bindings = options.transports.map((transport) => ({
      transport,
      address: options.host,
      port: (transport === 'udp' ? bound.udp?.port : bound.tcp?.port) ?? options.port,
    }));
  }

  /** UDP and TCP share a port; for port 0 another one is tried when the system's choice is taken for the second. */
  static async bind(options: TransportOptions, events: TransportEvents): Promise<Transports> {
    const addresses = new LocalAddresses({
      boundAddress: options.host,
      advertiseAddress: options.advertiseAddress,
    });
    for (let attempt = 1; ; attempt += 1) {
      try {
        return new Transports(options, addresses, await bindOnce(options, events, addresses));
      } catch (thrown) {
        if (options.port !== 0 || systemCode(thrown) !== 'EADDRINUSE' || attempt === bindAttempts) throw thrown;
      }
    }
  }

  get connectionCount(): number {
    return this.#tcp?.connectionCount ?? 0;
  }

  /**
   * Where a request for this URI goes, in the order to try (RFC 3263 section 4 without SRV and NAPTR). Says it at once
   * when no name server has to be asked, so that requests of one dialog leave in the order in which they were asked for.
   * `implied` is taken where the URI names no transport: a dialog stays with the one that it came by.
   * @throws SidetoneError `sip-unreachable` for what is no sip: URI, or (later) a name without address.
   */
  hopsFor(uri: string, implied: TransportName = 'udp'): readonly Hop[] | Promise<readonly Hop[]> {
    const parsed = parseSipUri(uri);
    if (parsed === undefined || parsed.scheme !== 'sip') {
      throw new SidetoneError('sip-unreachable', 'the next hop is not a sip: URI');
    }
    const asked = parsed.params['transport']?.toLowerCase() ?? implied;
    if (asked !== 'udp' && asked !== 'tcp') {
      throw new SidetoneError('sip-unreachable', 'the next hop asks for a transport that is not spoken here');
    }
    const transport = this.#has(asked) ? asked : asked === 'udp' ? 'tcp' : 'udp';
    const port = parsed.port ?? 5060;
    const host = plainHost(parsed.params['maddr'] ?? parsed.host);
    const toHops = (addresses: readonly string[]): readonly Hop[] => {
      return addresses.map((address) => ({ transport, address, port }));
    };
    const known = this.#resolver.known(host);
    return known === undefined ? this.#resolver.resolve(host).then(toHops) : toHops(known);
  }

  /** @throws SidetoneError `sip-unreachable` */
  async reach(hop: Hop): Promise<Flow> {
    if (hop.transport === 'tcp') {
      if (this.#tcp === undefined) throw new SidetoneError('sip-unreachable', 'TCP is not enabled');
      return this.#tcp.existing(hop) ?? (await this.#tcp.connect(hop));
    }
    const flow = this.reachNow(hop);
    if (flow !== undefined) return flow;
    await this.#addresses.learn(hop.address);
    const learnt = this.reachNow(hop);
    if (learnt === undefined) throw new SidetoneError('sip-unreachable', 'UDP is not enabled');
    return learnt;
  }

  /** The flow, when nothing has to be opened or learnt for it. */
  reachNow(hop: Hop): Flow | undefined {
    return hop.transport === 'tcp' ? this.#tcp?.existing(hop) : this.#udp?.flowTo(hop);
  }

  async close(): Promise<void> {
    await closeAll([() => this.#udp?.close(), () => this.#tcp?.close()]);
  }

  #has(transport: TransportName): boolean {
    return transport === 'udp' ? this.#udp !== undefined : this.#tcp !== undefined;
  }
}

interface BoundTransports {
  readonly udp: UdpTransport | undefined;
  readonly tcp: TcpTransport | undefined;
}

async function bindOnce(
  options: TransportOptions,
  events: TransportEvents,
  addresses: LocalAddresses,
): Promise<BoundTransports> {
  const { host, port, transports } = options;
  const tcp = transports.includes('tcp') ? await TcpTransport.listen(host, port, events, addresses) : undefined;
  try {
    const udpPort = tcp?.port ?? port;
    const udp = transports.includes('udp') ? await UdpTransport.bind(host, udpPort, events, addresses) : undefined;
    return { udp, tcp };
  } catch (thrown) {
    await tcp?.close();
    throw thrown;
  }
}
