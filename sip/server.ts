import { BackgroundTasks, closeAll, once, within } from '#lib/closing.ts';
import { systemClock, type Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import { Emitter } from '#lib/emitter.ts';
import { HostResolver } from '#lib/host-resolver.ts';
import { LocalAddresses } from '#lib/local-address.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import { answerChallenge } from './auth/digest.ts';
import type { Call } from './b2bua/call.ts';
import { isAnswered } from './b2bua/call-state.ts';
import { createDoor } from './b2bua/door.ts';
import type { CallContext, SipTimers } from './b2bua/context.ts';
import { Refusals } from './b2bua/refusals.ts';
import { Registry } from './b2bua/registry.ts';
import { createSipMetrics } from './b2bua/sip-metrics.ts';
import { connectSrfAgent } from './b2bua/srf-agent.ts';
import type { SipRequest } from './b2bua/messages.ts';
import { startSipEngine } from './engine/engine.ts';
import type { ForkedCall } from './forks/forked-call.ts';
import { Forks } from './forks/intake.ts';
import type { RtpengineForks } from './rtpengine/forks.ts';
import { openRtpengine, type RtpengineStatus } from './rtpengine/rtpengine.ts';
import { createDirectTarget } from './routing/direct.ts';
import { createRouter } from './routing/routes.ts';
import { Srs } from './siprec/srs.ts';
import { Sources } from './sources/book.ts';
import { createSourceNames } from './sources/identity.ts';
import type { CallEvent, CallIntake, MediaGateway, SourceBook, TerminationReason } from './types.ts';

export interface SipServerOptions {
  readonly config: Config;
  readonly media: MediaGateway;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
  /** RFC 3261 T1 (500 ms), of the engine in this process and of the calls. */
  readonly timers?: Partial<SipTimers>;
}

interface SipBinding {
  readonly transport: string;
  readonly address: string;
  readonly port: number;
}

export interface SipServer {
  readonly bindings: readonly SipBinding[];
  subscribe(listener: (event: CallEvent) => void): () => void;
  /** For copies of calls that come by other ways than SIP: drained, limited and ended with the rest. */
  readonly intake: CallIntake;
  /** Copies of calls that a proxy anchors in rtpengine; undefined when the configuration names none. */
  readonly copies: RtpengineForks | undefined;
  /** What sends us calls, by whichever way: the other ways in are to tell it what they see. */
  readonly sources: SourceBook;
  /** How rtpengine stands; undefined when the configuration names none. */
  rtpengine(): RtpengineStatus | undefined;
  /** INVITE and OPTIONS are answered 503 from now on, other copies refused; calls go on. */
  drain(): void;
  /** Bridged and copied. */
  readonly activeCalls: number;
  /**
   * Stops recording and transcription of a call, bridged or copied, or lets them go on; `by` is noted in its history.
   * No key and no INFO lifts such a pause, and this lifts those of keys and legs, not those of a recording client.
   * @returns false when there is no such call
   */
  pause(callId: string, paused: boolean, by: string): boolean;
  /** Resolves when no call is left. */
  whenIdle(): Promise<void>;
  /** Ends every call with BYE on its legs, or the word that ends a copy; resolves when those are answered, or after 8*T1 (four seconds). */
  hangUpAll(reason: TerminationReason): Promise<void>;
  close(): Promise<void>;
}

/**
 * The B2BUA on drachtio-srf: on the engine in this process, or on the drachtio-server that the configuration names,
 * which has not been run here (docs/drachtio-server.md says what is known of it).
 * @throws SidetoneError `sip-unreachable` when there is no engine to talk to; an Error of Node's when a port is taken.
 */
export async function startSipServer(options: SipServerOptions): Promise<SipServer> {
  const { config, logger, clock = systemClock } = options;
  const timers: SipTimers = { t1Ms: 500, ...options.timers };
  const sources = new Sources(clock, createSourceNames(config));
  const registry = new Registry();
  const engine =
    config.drachtio === undefined
      ? await startSipEngine({
          host: config.sip.host,
          port: config.sip.port,
          transports: config.sip.transports,
          ...(config.advertiseAddress === undefined ? {} : { advertiseAddress: config.advertiseAddress }),
          logger,
          metrics: options.metrics,
          timers: { t1Ms: timers.t1Ms },
          tap: sources.tap,
          authorize: ({ header, request, dialogId }) => {
            const credentials = registry.leg(dialogId)?.leg.trunk?.credentials;
            return credentials && answerChallenge(header, request, credentials);
          },
        })
      : undefined;
  const events = new Emitter<CallEvent>((err) => logger.error({ err }, 'listener of call events failed'));
  const tasks = new BackgroundTasks((err) => logger.warn({ err }, 'call background task failed'));
  let receive: (request: SipRequest) => void = () => undefined;
  const agent = await connectSrfAgent({
    control: engine?.control ?? controlOf(config.drachtio ?? ''),
    logger,
    onRequest: (request) => receive(request),
    tap: engine === undefined ? sources.tap : undefined,
  }).catch(async (error: unknown) => {
    await engine?.close();
    throw error;
  });
  const bindings = engine?.bindings ?? agent.bindings;
  const resolver = new HostResolver(clock);
  const localAddresses = new LocalAddresses({
    boundAddress: config.sip.host,
    advertiseAddress: config.advertiseAddress,
  });
  const rtpengine = openRtpengine({ ...options, localAddresses, resolver });
  const media = rtpengine?.media ?? options.media;
  const sipMetrics = createSipMetrics(options.metrics);
  const emit = (event: CallEvent): void => {
    sources.follow(event);
    events.emit(event);
  };
  const context: CallContext = {
    config,
    agent,
    media,
    registry,
    clock,
    logger,
    tasks,
    timers,
    metrics: sipMetrics,
    refusals: new Refusals(logger, sipMetrics, sources),
    sources,
    emit,
    route: createRouter(config.routes),
    directTarget: createDirectTarget(config, new Set(bindings.map(({ port }) => port))),
    resolver,
    localAddresses,
  };
  const forks = new Forks({
    config,
    media,
    clock,
    logger,
    metrics: options.metrics,
    emit,
  });
  const srs = new Srs({ ...context, forks });
  const copies = rtpengine?.copies(forks, sources);
  const door = createDoor(context, srs, copies);
  receive = (request) => door.receive(request);
  const callOf = (callId: string): Call | ForkedCall | undefined => registry.calls.get(callId) ?? forks.call(callId);
  const pause = (callId: string, paused: boolean, by: string): boolean => {
    const call = callOf(callId);
    call?.pause(paused, by);
    return call !== undefined;
  };
  const stopPausing = media.onPauseCode(({ callId, paused }) => callOf(callId)?.wantPause(paused, 'dtmf'));
  const stopListening = media.onTrouble(({ callId, kind }) => {
    const call = registry.calls.get(callId);
    // While it rings nobody need send anything: only an answered call dies of silence.
    if (kind === 'failed') call?.end('media-failed');
    else if (call !== undefined && isAnswered(call.state)) call.end('rtp-timeout');
  });

  const hangUpAll = async (reason: TerminationReason): Promise<void> => {
    const limitMs = 8 * timers.t1Ms;
    for (const call of registry.calls.endAll(reason)) call.end(reason);
    await Promise.all([
      within(limitMs, registry.calls.whenIdle()),
      forks.hangUpAll(reason, limitMs),
      within(limitMs, srs.whenIdle()),
    ]);
  };
  const drain = (): void => {
    door.drain();
    forks.drain();
  };
  return {
    bindings,
    intake: forks,
    copies,
    sources,
    rtpengine: () => rtpengine?.status(),
    subscribe: (listener) => events.subscribe(listener),
    drain,
    get activeCalls() {
      return registry.calls.size + forks.size;
    },
    pause,
    whenIdle: async () => {
      while (registry.calls.size + forks.size > 0) {
        await Promise.all([registry.calls.whenIdle(), forks.whenIdle()]);
      }
    },
    hangUpAll,
    close: once(() =>
      closeAll([
        drain,
        () => hangUpAll('server-shutdown'),
        stopListening,
        stopPausing,
        () => rtpengine?.close(),
        () => forks.close(),
        () => within(timers.t1Ms, tasks.settle()),
        () => agent.close(),
        () => engine?.close(),
      ]),
    ),
  };
}

function controlOf(drachtio: string): { readonly host: string; readonly port: number; readonly secret: string } {
  const [host = '', port = '', ...secret] = drachtio.split(':');
  return { host, port: Number(port), secret: secret.join(':') };
}
