import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config/schema.ts';
import { Emitter } from '#lib/emitter.ts';
import { SidetoneError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import { isModelName } from '#lib/models.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { AudioFeedControl } from '#media/types.ts';
import { msToSamples } from '#media/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import { chosenModel, keepChoice } from './models/choice.ts';
import { knownModels, requireModel } from './models/known.ts';
import type { EngineSettings } from './engines/by-language.ts';
import { createAsrMetrics } from './pool/metrics.ts';
import { ProcessPool } from './pool/pool.ts';
import { defaultProcessTimes } from './pool/process.ts';
import { clearSpool } from './process/spool.ts';
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
  return Promise.resolve(processes === 0 ? withoutRecognition(config, emitter) : withPool(options, processes, emitter));
}

function withPool(options: RecogniserOptions, processes: number, emitter: Emitter<AsrEvent>): Recogniser {
  const { asr, dataDir } = options.config;
  const modelsDir = join(dataDir, 'models');
  let inUse = modelAtStart(asr.model, modelsDir, options.logger);
  for (const model of Object.values(asr.models)) requireModel(model, modelsDir);
  const { cacheDir } = options;
  const { models, endpoint, language } = asr;
  const engine: EngineSettings = { model: inUse, models, cacheDir, modelsDir, threads: 1, endpoint, language };
  const spoolFolder = join(dataDir, 'asr-spool');
  clearSpool(spoolFolder);
  const waiting = {
    memoryS: asr.memoryS / processes,
    spoolFolder,
    spoolBytes: Math.floor((asr.spoolMb * 1e6) / processes),
  };
  const pool = new ProcessPool({
    processes,
    runtimeDir: options.runtimeDir,
    settings: { engine, waiting, speakers: asr.speakers, ...defaultProcessTimes },
    feed: options.feed,
    logger: options.logger,
    metrics: createAsrMetrics(options.metrics),
    emit: (event) => emitter.emit(Object.freeze(event)),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  return {
    open: (callId, sides, hints) => pool.open(callId, sides, hints),
    addSide: (callId, side, fromMs) => pool.addSide(callId, side, msToSamples(fromMs)),
    abandon: (callId) => pool.abandon(callId),
    subscribe: (listener) => emitter.subscribe(listener),
    status: () => pool.status(),
    models: {
      list: () => knownModels(modelsDir, asr.model, inUse),
      use: async (model) => {
        if (!isModelName(model) && model !== asr.model) {
          throw new SidetoneError('model-missing', 'a model is chosen by its name; asr.model may be a folder or a URL');
        }
        requireModel(model, modelsDir);
        await pool.use({ ...engine, model });
        inUse = model;
        await keepChoice(modelsDir, model, asr.model);
      },
    },
    close: () => pool.close(),
  };
}

/** What was chosen last, if it is still there; else what is configured. @throws SidetoneError `model-missing` */
function modelAtStart(configured: string, modelsDir: string, logger: Logger): string {
  const chosen = chosenModel(modelsDir, configured);
  try {
    requireModel(chosen, modelsDir);
    return chosen;
  } catch (error) {
    if (chosen === configured) throw error;
    logger.warn({ model: chosen, instead: configured }, 'the model that was chosen last is gone');
    requireModel(configured, modelsDir);
    return configured;
  }
}

function withoutRecognition(config: Config, emitter: Emitter<AsrEvent>): Recogniser {
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
    models: {
      list: () => knownModels(join(config.dataDir, 'models'), config.asr.model, 'off'),
      use: () => Promise.reject(new SidetoneError('conflict', 'recognition is off: asr.processes is 0')),
    },
    close: () => Promise.resolve(),
  };
}
