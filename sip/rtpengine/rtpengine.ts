import { closeAll, once } from '#lib/closing.ts';
import type { Config } from '#lib/config/schema.ts';
import type { HostResolver } from '#lib/host-resolver.ts';
import type { LocalAddresses } from '#lib/local-address.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { CallIntake, MediaGateway } from '../types.ts';
import { AnchoredGateway } from './anchored-gateway.ts';
import { createRtpengineForks, type RtpengineForks } from './forks.ts';
import { NgClient, type NgState } from './ng-client.ts';

export interface RtpengineOptions {
  readonly config: Config;
  readonly media: MediaGateway;
  readonly localAddresses: LocalAddresses;
  readonly resolver: HostResolver;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The rtpengine of the configuration, and what we have of it. */
export interface Rtpengine {
  /** Where our own calls are carried: by it (`mode: anchor`), or as without it. */
  readonly media: MediaGateway;
  /** Copies of the calls that a proxy has there; made once. */
  copies(intake: CallIntake): RtpengineForks;
  /** For readiness: what is wrong while it does not answer. */
  status(): RtpengineStatus;
  close(): Promise<void>;
}

export interface RtpengineStatus {
  readonly address: string;
  readonly state: NgState;
  /** Of calls that others anchor there, and calls of ours that are anchored there. */
  readonly copies: number;
  readonly carried: number;
}

/** Undefined when the configuration names none. */
export function openRtpengine(options: RtpengineOptions): Rtpengine | undefined {
  const { config, media, localAddresses, resolver, metrics } = options;
  const { address, mode, onLoss } = config.rtpengine;
  if (address === undefined) return undefined;
  const logger = options.logger.child({ part: 'rtpengine' });
  const split = address.lastIndexOf(':');
  const ng = new NgClient({
    host: address.slice(0, split).replaceAll(/[[\]]/g, ''),
    port: Number(address.slice(split + 1)),
    resolver,
    logger,
    metrics,
  });
  const anchored =
    mode === 'anchor' ? new AnchoredGateway({ ng, media, onLoss, localAddresses, logger, metrics }) : undefined;
  let forks: RtpengineForks | undefined;
  return {
    media: anchored ?? media,
    copies: (intake) => (forks ??= createRtpengineForks({ ng, intake, localAddresses, logger })),
    status: () => ({
      address,
      state: ng.state,
      copies: forks?.status().copies ?? 0,
      carried: anchored?.size ?? 0,
    }),
    close: once(() => closeAll([() => forks?.close(), () => anchored?.close(), () => ng.close()])),
  };
}
