import { SidetoneError } from '#lib/errors.ts';
import { PortPool } from '../rtp/port-pool.ts';
import { SocketPair } from '../rtp/socket-pair.ts';
import type { MediaCounters, MediaWorkerSettings } from './messages.ts';

/** The RTP sockets of one worker: each call has its pairs from here, and their ports rest when it gives them back. */
export class RtpSockets {
  readonly #bindAddress: string;
  readonly #ports: PortPool;
  readonly #counters: Pick<MediaCounters, 'portsExhausted' | 'bindFailures'>;

  constructor(settings: MediaWorkerSettings, counters: Pick<MediaCounters, 'portsExhausted' | 'bindFailures'>) {
    this.#bindAddress = settings.bindAddress;
    this.#ports = new PortPool(settings.firstPort, settings.lastPort, settings.quarantineMs, settings.startAtPort);
    this.#counters = counters;
  }

  /** Pairs in use. */
  get lent(): number {
    return this.#ports.lent;
  }

  /** @throws SidetoneError `ports-exhausted` */
  async bind(): Promise<SocketPair> {
    for (;;) {
      const port = this.#ports.take(performance.now());
      if (port === undefined) {
        this.#counters.portsExhausted++;
        throw new SidetoneError('ports-exhausted', 'every RTP port is in use or resting');
      }
      const pair = await this.#tryPort(port);
      if (pair !== undefined) return pair;
      this.#counters.bindFailures++;
      this.#ports.giveBack(port, performance.now());
    }
  }

  /** Of a pair that no call came to have. */
  async free(pair: SocketPair): Promise<void> {
    await pair.close();
    this.giveBack([pair.rtpPort]);
  }

  /** Of pairs whose sockets are closed. */
  giveBack(rtpPorts: readonly number[]): void {
    const nowMs = performance.now();
    for (const port of rtpPorts) this.#ports.giveBack(port, nowMs);
  }

  async #tryPort(port: number): Promise<SocketPair | undefined> {
    try {
      return await SocketPair.bind(this.#bindAddress, port);
    } catch (thrown) {
      this.giveBack([port]);
      throw thrown;
    }
  }
}
