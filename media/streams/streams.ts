import { closeAll, once } from '#lib/closing.ts';
import type { Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { CallIntake, SourceNotes } from '#sip/types.ts';
import { AudioSocketListener } from './audiosocket/listener.ts';
import type { StreamIntake } from '../types.ts';
import { Pairing } from './audiosocket/pairing.ts';
import { CallBook } from './call-book.ts';
import { StreamRefusals, type StreamOrigin } from './refusals.ts';
import { createStreamMetrics } from './stream-metrics.ts';
import { StreamDoor } from './websocket/door.ts';

export interface StreamsOptions {
  readonly config: Config;
  readonly intake: CallIntake;
  readonly sources: SourceNotes;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Calls whose sound comes by sockets: Asterisk's AudioSocket over TCP, and WebSockets that dashboards/ lets in. */
export interface Streams extends StreamIntake {
  /** Where AudioSocket listens; null: it is off. */
  readonly audioSocket: { readonly address: string; readonly port: number } | null;
  /** No new calls; those that run go on, and their sockets may still come. */
  drain(): void;
  /** Ends what is left, closes every socket. Idempotent. */
  close(): Promise<void>;
}

/**
 *     AudioSocket (TCP) --> frames ---+
 *                                     +--> seat of a streamed call --> feed, a side --> CallIntake's PcmStream
 *     WebSocket --> linear16 | JSON --+
 *
 * @throws Node's own error when AudioSocket's address cannot be bound
 */
export async function startStreams(options: StreamsOptions): Promise<Streams> {
  const { config, intake, sources, logger, clock } = options;
  const metrics = createStreamMetrics(options.metrics);
  const silentMs = 1000 * config.sip.rtpTimeoutS;
  const book = new CallBook(intake, { clock, pauseCodes: config.pause.dtmf ?? {}, silentMs });
  const pairing = new Pairing(config.audiosocket, () => clock.nowMs());
  const refusals = new StreamRefusals({ sources, logger, metrics, clock });
  const seen = ({ source, sourceName, address }: StreamOrigin): void => sources.seen({ source, sourceName }, address);
  const context = { book, refusals, metrics, clock, seen };
  const door = new StreamDoor(context, 2 * config.intake.maxCalls);
  const { port } = config.audiosocket;
  const listener =
    port === undefined ? undefined : await AudioSocketListener.open(config, port, { ...context, pairing, silentMs });
  if (listener !== undefined) logger.info(listener.binding, 'AudioSocket is open');
  return {
    audioSocket: listener?.binding ?? null,
    handleUpgrade: (request, socket, head, sender) => door.handleUpgrade(request, socket, head, sender),
    registerPair: (pair) => pairing.register(pair),
    drain: () => book.drain(),
    close: once(() => closeAll([() => book.close(), () => listener?.close(), () => door.close()])),
  };
}
