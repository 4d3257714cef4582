import type { LegMediaSettings } from '#sip/types.ts';

/**
 * Which source a leg listens to (symmetric RTP, RFC 4961). States:
 *
 *   open    nothing is locked. The first valid packet from an accepted address locks its address and port. Entered at
 *           the start, and when signalling names another remote or withdraws the locked address. The source that was
 *           locked before such a change is not locked again at once: its last packets are still on the way.
 *   locked  only the locked address and port are heard; a new SSRC from there is simply heard. Another accepted source
 *           takes over after 500 ms without a packet from the locked one and ten packets of its own in sequence; never
 *           while the call is on hold.
 *
 * Whatever is refused is for the caller to count.
 */
export const takeoverSilenceMs = 500;
export const takeoverPackets = 10;

export class SourceLock {
  #accepted: ReadonlySet<string> = new Set();
  #remote: LegMediaSettings['remote'] = null;
  #address = '';
  #port = 0;
  #locked = false;
  #lastHeardMs = 0;
  /** The source that was locked before the last signalled change; it must come back as a candidate. */
  #formerAddress = '';
  #formerPort = 0;
  #candidateAddress = '';
  #candidatePort = 0;
  #candidateSequence = 0;
  #candidatePackets = 0;

  /** The signalled side of things. Takes effect at once, on hold or not. */
  apply(settings: Pick<LegMediaSettings, 'remote' | 'acceptedAddresses'>, nowMs: number): void {
    this.#accepted = new Set(settings.acceptedAddresses);
    const before = this.#remote;
    const { remote } = settings;
    const moved =
      before !== null &&
      remote !== null &&
      (before.address !== remote.address || before.rtpPort !== remote.rtpPort) &&
      !(remote.address === this.#address && remote.rtpPort === this.#port);
    if (remote !== null) this.#remote = remote;
    if (this.#locked && (moved || !this.#accepted.has(this.#address))) {
      this.#formerAddress = this.#address;
      this.#formerPort = this.#port;
      this.#locked = false;
      this.#lastHeardMs = nowMs;
      this.#candidatePackets = 0;
    }
  }

  /** True when a valid packet from there is to be relayed and decoded. */
  hears(address: string, port: number, sequence: number, nowMs: number, onHold: boolean): boolean {
    if (this.#locked && port === this.#port && address === this.#address) {
      this.#lastHeardMs = nowMs;
      return true;
    }
    if (!this.#accepted.has(address)) return false;
    if (!this.#locked && !(port === this.#formerPort && address === this.#formerAddress)) {
      this.#lock(address, port, nowMs);
      return true;
    }
    return this.#considerTakeover(address, port, sequence, nowMs, this.#locked && onHold);
  }

  /** Where to send, once a source is locked. */
  get locked(): boolean {
    return this.#locked;
  }
  get address(): string {
    return this.#address;
  }
  get port(): number {
    return this.#port;
  }

  /** RTCP on a port of its own: from the locked address, or while open from any accepted one. */
  acceptsAddress(address: string): boolean {
    return this.#locked ? address === this.#address : this.#accepted.has(address);
  }

  #considerTakeover(address: string, port: number, sequence: number, nowMs: number, forbidden: boolean): boolean {
    const follows =
      port === this.#candidatePort &&
      address === this.#candidateAddress &&
      sequence === ((this.#candidateSequence + 1) & 0xffff);
    this.#candidatePackets = follows ? this.#candidatePackets + 1 : 1;
    this.#candidateAddress = address;
    this.#candidatePort = port;
    this.#candidateSequence = sequence;
    if (forbidden || this.#candidatePackets < takeoverPackets || nowMs - this.#lastHeardMs < takeoverSilenceMs) {
      return false;
    }
    this.#lock(address, port, nowMs);
    return true;
  }

  #lock(address: string, port: number, nowMs: number): void {
    this.#locked = true;
    this.#address = address;
    this.#port = port;
    this.#lastHeardMs = nowMs;
    this.#formerAddress = '';
    this.#formerPort = 0;
    this.#candidatePackets = 0;
  }
}
