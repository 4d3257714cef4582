import { once } from '#lib/closing.ts';
import { Emitter } from '#lib/emitter.ts';
import { hasCode, SidetoneError } from '#lib/errors.ts';
import type { LocalAddresses } from '#lib/local-address.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { MediaCall, MediaFork, MediaGateway } from '../types.ts';
import { AnchoredCall, forget, reserve, type AnchoredPorts } from './anchored-call.ts';
import type { NgClient, NgState } from './ng-client.ts';

export interface AnchoredGatewayOptions {
  readonly ng: NgClient;
  /** Takes the copies, and carries calls itself where that is the policy. */
  readonly media: MediaGateway;
  readonly onLoss: 'refuse' | 'anchor-here';
  readonly localAddresses: LocalAddresses;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly timing?: Partial<AnchoredTiming>;
}

export interface AnchoredTiming {
  /** How often rtpengine is asked whether it is still the one that the calls are in. */
  readonly pollMs: number;
  /** How long it may be silent until its calls are given up. */
  readonly graceMs: number;
}
const defaultTiming: AnchoredTiming = { pollMs: 5000, graceMs: 10_000 };

type OpenRequest = Parameters<MediaGateway['open']>[0];
type Trouble = { readonly callId: string; readonly kind: 'timeout' | 'failed' };

/**
 * A media gateway whose calls are carried by rtpengine, so that the talk path never enters this process. When rtpengine
 * is lost, or started anew, its calls are over: they end as `media-failed`. New ones follow the policy meanwhile.
 */
export class AnchoredGateway implements MediaGateway {
  readonly #options: AnchoredGatewayOptions;
  readonly #timing: AnchoredTiming;
  readonly #calls = new Set<AnchoredCall>();
  readonly #troubles: Emitter<Trouble>;
  readonly #countHere: () => void;
  readonly #stopListening: () => void;
  readonly #poll: NodeJS.Timeout;
  #lost: NodeJS.Timeout | undefined;

  constructor(options: AnchoredGatewayOptions) {
    const { ng, logger, metrics, timing } = options;
    this.#options = options;
    this.#timing = { ...defaultTiming, ...timing };
    this.#troubles = new Emitter((err) => logger.error({ err }, 'a listener of rtpengine’s troubles failed'));
    const here = metrics.counter(
      'sidetone_sip_rtpengine_carried_here_total',
      'Calls carried by this process because rtpengine did not answer',
    );
    this.#countHere = () => here.add();
    this.#stopListening = ng.subscribe((state) => this.#onState(state));
    this.#poll = setInterval(() => void this.#check(), this.#timing.pollMs);
  }

  async open(request: OpenRequest): Promise<MediaCall> {
    const { ng, media, onLoss, logger } = this.#options;
    let ports: AnchoredPorts;
    try {
      if (ng.state === 'down') throw new SidetoneError('rtpengine-unavailable', 'rtpengine does not answer');
      ports = await reserve(ng, request.callId);
    } catch (thrown) {
      if (onLoss === 'refuse' || !hasCode(thrown, 'rtpengine-unavailable')) throw thrown;
      this.#countHere();
      logger.warn({ callId: request.callId }, 'rtpengine does not answer: the call is carried here');
      return media.open(request);
    }
    return this.#anchor(request, ports);
  }

  openFork(request: Parameters<MediaGateway['openFork']>[0]): Promise<MediaFork> {
    return this.#options.media.openFork(request);
  }

  onTrouble(listener: (trouble: Trouble) => void): () => void {
    const stops = [this.#options.media.onTrouble(listener), this.#troubles.subscribe(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  onPauseCode(listener: Parameters<MediaGateway['onPauseCode']>[0]): () => void {
    return this.#options.media.onPauseCode(listener);
  }

  /** Calls that are in rtpengine. */
  get size(): number {
    return this.#calls.size;
  }

  readonly close = once(async () => {
    this.#stopListening();
    clearInterval(this.#poll);
    clearTimeout(this.#lost);
    await Promise.all([...this.#calls].map((call) => call.close()));
  });

  async #anchor(request: OpenRequest, ports: AnchoredPorts): Promise<AnchoredCall> {
    const { ng, media, localAddresses, logger } = this.#options;
    let fork: MediaFork | undefined;
    try {
      const ourAddress = await localAddresses.learn(ng.peerAddress);
      fork = await media.openFork(request);
      const onClosed = (): void => void this.#calls.delete(call);
      const call = await AnchoredCall.open({ ng, fork, ourAddress, logger, onClosed }, ports);
      this.#calls.add(call);
      return call;
    } catch (thrown) {
      await fork?.close();
      await forget(ng, request.callId);
      throw thrown;
    }
  }

  #onState(state: NgState): void {
    clearTimeout(this.#lost);
    if (state === 'up') void this.#check();
    else this.#lost = setTimeout(() => this.#giveUp(() => true), this.#timing.graceMs);
  }

  async #check(): Promise<void> {
    const { ng } = this.#options;
    if (this.#calls.size === 0 || ng.state !== 'up') return;
    const startedEpochMs = await ng.startedEpochMs();
    if (startedEpochMs !== undefined) {
      this.#giveUp(({ beganEpochMs }) => startedEpochMs > beganEpochMs);
    }
  }

  #giveUp(isLost: (call: AnchoredCall) => boolean): void {
    const lost = [...this.#calls].filter(isLost);
    if (lost.length === 0) return;
    this.#options.logger.error({ calls: lost.length }, 'rtpengine is lost, and the calls that it carried with it');
    for (const { callId } of lost) this.#troubles.emit(Object.freeze({ callId, kind: 'failed' }));
  }
}
