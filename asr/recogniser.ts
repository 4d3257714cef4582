import { availableParallelism } from 'node:os';
import type { Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { AudioFeedControl } from '#media/types.ts';
import { msToSamples } from '#media/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import { createAsrMetrics } from './pool/metrics.ts';
import { ProcessPool } from './pool/pool.ts';
import { defaultProcessTimes } from './pool/process.ts';
import { endlessMs, type AsrEvent, type Recogniser } from './types.ts';

export interface RecogniserOptions {
  readonly config: Config;
  readonly feed: AudioFeedControl;
  /** For Unix sockets: mode 0700, and short (a socket's path has at most 107 bytes). */
  readonly runtimeDir: string;
  /** Where graphs built from models are kept between starts. */
  readonly cacheDir: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
}

/**
 * Starts the recogniser's processes and returns without waiting for their models: calls may be opened at once, their
 * audio waits. With `asr.processes: 0` recognition is off: every call is `unheard` and `finished` as it opens.
 */
export function startRecogniser(options: RecogniserOptions): Promise<Recogniser> {
  const { config, logger } = options;
  const emitter = new Emitter<AsrEvent>((error) => logger.error({ err: error }, 'a listener of asr events threw'));
  const processes = config.asr.processes ?? Math.max(1, availableParallelism() - 1);
  return Promise.resolve(processes === 0 ? withoutRecognition(emitter) : withPool(options, processes, emitter));
}

function withPool(options: RecogniserOptions, processes: number, emitter: Emitter<AsrEvent>): Recogniser {
  const pool = new ProcessPool({
    processes,
    runtimeDir: options.runtimeDir,
    settings: { cacheDir: options.cacheDir, model: options.config.asr.model, threads: 1, ...defaultProcessTimes },
    feed: options.feed,
    logger: options.logger,
    metrics: createAsrMetrics(options.metrics),
    emit: (event) => emitter.emit(Object.freeze(event)),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  return {
    open: (callId, sides) => pool.open(callId, sides),
    addSide: (callId, side, fromMs) => pool.addSide(callId, side, msToSamples(fromMs)),
    abandon: (callId) => pool.abandon(callId),
    subscribe: (listener) => emitter.subscribe(listener),
    status: () => pool.status(),
    close: () => pool.close(),
  };
}

function withoutRecognition(emitter: Emitter<AsrEvent>): Recogniser {
  const unheard = (callId: string, side: ChannelSide, startMs: number): void => {
    emitter.emit({ type: 'unheard', callId, side, startMs, endMs: endlessMs });
    emitter.emit({ type: 'finished', callId, side, endMs: endlessMs });
  };
  return {
    open: (callId, sides) => {
      for (const side of sides) unheard(callId, side, 0);
    },
    addSide: unheard,
    abandon: () => undefined,
    subscribe: (listener) => emitter.subscribe(listener),
    status: () => ({
      model: 'off',
      ready: true,
      processes: 0,
      restarts: 0,
      openCalls: 0,
      finalDelayP95Ms: null,
    }),
    close: () => Promise.resolve(),
  };
}
