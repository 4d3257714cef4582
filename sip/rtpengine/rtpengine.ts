import { closeAll, once } from '#lib/closing.ts';
import type { Config } from '#lib/config/schema.ts';
import type { HostResolver } from '#lib/host-resolver.ts';
import type { LocalAddresses } from '#lib/local-address.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { CallIntake, MediaGateway, SourceNotes } from '../types.ts';
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
  copies(intake: CallIntake, notes: SourceNotes): RtpengineForks;
  /** For readiness and pages. */
  status(): RtpengineStatus;
  close(): Promise<void>;
}

export interface RtpengineStatus {
  readonly address: string;
  readonly state: NgState;
  /** Of calls that others anchor there, and calls of ours that are anchored there. */
  readonly copies: number;
  readonly carried: number;
  /** False when nobody can call through this server for want of it. */
  readonly ok: boolean;
  /** For people, in a few words. */
  readonly detail: string;
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
    copies: (intake, notes) => (forks ??= createRtpengineForks({ ng, intake, notes, localAddresses, logger })),
    status: () => {
      const { state } = ng;
      const copies = forks?.status().copies ?? 0;
      const carried = anchored?.size ?? 0;
      return Object.freeze({
        address,
        state,
        copies,
        carried,
        ok: state === 'up' || mode === 'subscribe' || onLoss === 'anchor-here',
        detail: detailOf(config.rtpengine, state),
      });
    },
    close: once(() => closeAll([() => forks?.close(), () => anchored?.close(), () => ng.close()])),
  };
}

function detailOf({ mode, onLoss }: Config['rtpengine'], state: NgState): string {
  if (state === 'up') return 'answers';
  const silent = state === 'unknown' ? 'has not answered yet' : 'does not answer';
  if (mode === 'subscribe') return `${silent}: no copies of its calls`;
  return onLoss === 'refuse' ? `${silent}: new calls are refused` : `${silent}: new calls are carried here`;
}
