import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIP, SocketAddress } from 'node:net';
import { once } from '#lib/closing.ts';
import { systemCode, toError } from '#lib/errors.ts';

export type DatagramListener = (bytes: Buffer, from: RemoteInfo) => void;

/** Every address is a literal, known to be one: no resolver, and no turn of the loop lost to it. */
type Lookup = (address: string, options: unknown, done: (error: null, address: string, family: number) => void) => void;
const literal4: Lookup = (address, _options, done) => done(null, address, 4);
const literal6: Lookup = (address, _options, done) => done(null, address, 6);

/** The RTP socket of a leg and, one port above, its RTCP socket. */
export class SocketPair {
  readonly rtpPort: number;
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly #isIpv6: boolean;
  readonly close: () => Promise<void>;

  private constructor(rtpPort: number, rtp: Socket, rtcp: Socket) {
    this.rtpPort = rtpPort;
    this.rtp = rtp;
    this.rtcp = rtcp;
    this.#isIpv6 = rtp.address().family === 'IPv6';
    this.close = once(async () => {
      await Promise.all([closeSocket(rtp), closeSocket(rtcp)]);
    });
  }

  /** Binds an even port and the odd one above; undefined when either is not to be had (in use, forbidden). */
  static async bind(address: string, rtpPort: number): Promise<SocketPair | undefined> {
    const rtp = makeSocket(address);
    const rtcp = makeSocket(address);
    try {
      await Promise.all([bindSocket(rtp, address, rtpPort), bindSocket(rtcp, address, rtpPort + 1)]);
      return new SocketPair(rtpPort, rtp, rtcp);
    } catch (thrown) {
      await Promise.all([closeSocket(rtp), closeSocket(rtcp)]);
      const code = systemCode(thrown);
      if (code === 'EADDRINUSE' || code === 'EACCES') return undefined;
      throw toError(thrown);
    }
  }

  /** An address as these sockets report it of a sender: one spelling of IPv6, IPv4 mapped where they are IPv6. */
  spelled(address: string): string {
    if (!this.#isIpv6) return address;
    const version = isIP(address);
    if (version === 4) return `::ffff:${address}`;
    return version === 6 ? new SocketAddress({ address, family: 'ipv6' }).address : address;
  }

  /**
   * From here on datagrams go to the listeners, and what these throw to `onFault`. Errors of a single datagram are the
   * network's, and are passed over.
   */
  listen(onRtp: DatagramListener, onRtcp: DatagramListener, onFault: (thrown: unknown) => void): void {
    this.rtp.on('error', ignore).on('message', guarded(onRtp, onFault));
    this.rtcp.on('error', ignore).on('message', guarded(onRtcp, onFault));
  }
}

function makeSocket(address: string): Socket {
  return isIP(address) === 6
    ? createSocket({ type: 'udp6', lookup: literal6 })
    : createSocket({ type: 'udp4', lookup: literal4 });
}

function bindSocket(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.removeAllListeners('message');
    socket.close(() => resolve());
  });
}

function guarded(listener: DatagramListener, onFault: (thrown: unknown) => void): DatagramListener {
  return (bytes, from) => {
    try {
      listener(bytes, from);
    } catch (thrown) {
      onFault(thrown);
    }
  };
}

function ignore(): void {}
