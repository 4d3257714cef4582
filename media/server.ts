import { isIP } from 'node:net';
import { once, closeAll, BackgroundTasks } from '#lib/closing.ts';
import type { Config } from '#lib/config/schema.ts';
import { parsePortRange } from '#lib/config/values.ts';
import { Emitter } from '#lib/emitter.ts';
import { SidetoneError, hasCode } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics.ts';
import type { ChannelSide, MediaCall, MediaFork, MediaGateway, RecordPolicy } from '#sip/types.ts';
import type { FromSample } from './feed/call-feed.ts';
import { splitPortRange } from './rtp/port-pool.ts';
import { msToSamples, type AudioFeedControl, type MediaEvent, type RecordingControl } from './types.ts';
import { CallDirectory, type LostCall } from './worker/call-directory.ts';
import { FilesThread } from './worker/files-thread.ts';
import { makeFork } from './worker/fork-handle.ts';
import type { MediaWorkerEvent, MediaWorkerSettings } from './worker/messages.ts';
import { Recordings } from './worker/recordings.ts';
import { WorkerMetrics } from './worker/worker-metrics.ts';
import { WorkerThread } from './worker/worker-thread.ts';

export interface MediaServer extends MediaGateway, AudioFeedControl, RecordingControl {
  subscribe(listener: (event: MediaEvent) => void): () => void;
  close(): Promise<void>;
}

export interface MediaServerOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Default: `sip.host` of the configuration. */
  readonly bindAddress?: string;
}

type Trouble = Parameters<Parameters<MediaGateway['onTrouble']>[0]>[0];
type PauseCode = Parameters<Parameters<MediaGateway['onPauseCode']>[0]>[0];

/**
 * Starts the media stage: worker threads that own the RTP sockets, one thread for recording files, and this thin half
 * on the main thread, which only passes messages on.
 *
 *     open/update/close -> worker: sockets -> relay
 *                                  sockets -> timeline -> memory -> feed (Unix socket) and recording file
 *     events and counters <- worker; closed recordings -> files thread: peaks, hash -> report
 */
export async function startMediaServer(options: MediaServerOptions): Promise<MediaServer> {
  const server = new WorkerBackedMediaServer(options);
  try {
    await server.ready();
    return server;
  } catch (thrown) {
    await server.close();
    throw thrown;
  }
}

class WorkerBackedMediaServer implements MediaServer {
  readonly #logger: Logger;
  readonly #events: Emitter<MediaEvent>;
  readonly #trouble: Emitter<Trouble>;
  readonly #pauseCodes: Emitter<PauseCode>;
  readonly #workers: readonly WorkerThread[];
  readonly #directory: CallDirectory;
  readonly #recordings: Recordings;
  readonly #tasks: BackgroundTasks;
  readonly #roomSamples: number;
  readonly close: () => Promise<void>;

  constructor({ config, logger, metrics, bindAddress = config.sip.host }: MediaServerOptions) {
    if (isIP(bindAddress) === 0) throw new SidetoneError('config-invalid', 'media can only bind an IP address');
    this.#logger = logger;
    const onListenerError = (err: Error): void => logger.error({ err }, 'a listener of media failed');
    this.#events = new Emitter(onListenerError);
    this.#trouble = new Emitter(onListenerError);
    this.#pauseCodes = new Emitter(onListenerError);
    this.#tasks = new BackgroundTasks((err) => logger.error({ err }, 'a media task failed'));
    const workerMetrics = new WorkerMetrics(metrics, config.rtp.workers);
    this.#workers = workerSettings(config, bindAddress).map(
      (settings, index) =>
        new WorkerThread(
          settings,
          {
            event: (event) => this.#onWorkerEvent(event),
            counters: (counters) => workerMetrics.report(index, counters),
            lost: () => {
              workerMetrics.lost(index);
              this.#onWorkerLost(index);
            },
          },
          logger,
        ),
    );
    this.#directory = new CallDirectory(this.#workers.length);
    this.#roomSamples = msToSamples(1000 * roomS(config));
    const files = new FilesThread(config.dataDir, logger);
    this.#recordings = new Recordings(config.dataDir, files, logger, (event) => {
      this.#directory.forget(event.callId);
      this.#events.emit(event);
    });
    this.close = once(() =>
      closeAll([
        ...this.#workers.map((worker) => () => worker.close()),
        () => this.#tasks.settle(),
        () => this.#recordings.settle(),
        () => files.close(),
      ]),
    );
  }

  /** Resolves when every worker answers. */
  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.requests.request('close', { callId: '' })));
  }

  async open({ callId, record }: { readonly callId: string; readonly record: RecordPolicy }): Promise<MediaCall> {
    let exhausted: unknown;
    for (const index of this.#directory.leastBusyFirst()) {
      const worker = this.#workers[index] as WorkerThread;
      try {
        const attachment = this.#directory.add(callId, index);
        const ports = await worker.open({ callId, record });
        if (attachment !== undefined) worker.command({ command: 'attach', callId, ...attachment });
        return this.#makeCall(callId, worker, ports);
      } catch (thrown) {
        this.#directory.remove(callId);
        if (!hasCode(thrown, 'ports-exhausted')) throw thrown;
        exhausted = thrown;
      }
    }
    throw exhausted;
  }

  async openFork(...[{ callId, record, fileEpochMs }]: Parameters<MediaGateway['openFork']>): Promise<MediaFork> {
    const [index = 0] = this.#directory.leastBusyFirst();
    const worker = this.#workers[index] as WorkerThread;
    const attachment = this.#directory.add(callId, index);
    try {
      await worker.requests.request('openFork', { callId, record, fileEpochMs });
    } catch (thrown) {
      this.#directory.remove(callId);
      throw thrown;
    }
    if (attachment !== undefined) worker.command({ command: 'attach', callId, ...attachment });
    return makeFork(callId, worker, this.#roomSamples, () => this.#closeCall(callId, worker));
  }

  onTrouble(listener: (trouble: Trouble) => void): () => void {
    return this.#trouble.subscribe(listener);
  }

  onPauseCode(listener: (code: PauseCode) => void): () => void {
    return this.#pauseCodes.subscribe(listener);
  }

  subscribe(listener: (event: MediaEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  attach(callId: string, socketPath: string, fromSample: FromSample): void {
    const worker = this.#workerOf(callId);
    if (worker === undefined) this.#directory.keepAttachment(callId, { socketPath, fromSample });
    else worker.command({ command: 'attach', callId, socketPath, fromSample });
  }

  decided(callId: string, side: ChannelSide, sample: number): void {
    this.#workerOf(callId)?.command({ command: 'decided', callId, side, sample });
  }

  release(...[callId, untilSample, silence, unheard]: Parameters<RecordingControl['release']>): void {
    this.#workerOf(callId)?.command({ command: 'release', callId, untilSample, silence, unheard });
  }

  finish(callId: string): void {
    const worker = this.#workerOf(callId);
    if (worker === undefined) this.#tasks.add(this.#recordings.sealLost(callId));
    else {
      this.#directory.finishing(callId);
      worker.command({ command: 'finish', callId });
    }
  }

  async redactLate(
    ...[callId, silence]: Parameters<RecordingControl['redactLate']>
  ): ReturnType<RecordingControl['redactLate']> {
    const live = await this.#workerOf(callId)?.requests.request('redactLive', { callId, silence });
    return live ? this.#recordings.liveReport(live) : this.#recordings.redact(callId, silence);
  }

  remove(callId: string): Promise<void> {
    return this.#recordings.remove(callId);
  }

  #workerOf(callId: string): WorkerThread | undefined {
    const index = this.#directory.workerOf(callId);
    return index === undefined ? undefined : this.#workers[index];
  }

  #makeCall(callId: string, worker: WorkerThread, ports: MediaCall['ports']): MediaCall {
    return Object.freeze<MediaCall>({
      callId,
      ports,
      update: (side, settings) => worker.command({ command: 'update', callId, side, settings }),
      digitByInfo: (side, durationMs) => worker.command({ command: 'digit', callId, side, durationMs }),
      pause: (paused) => worker.command({ command: 'pause', callId, paused }),
      close: once(() => this.#closeCall(callId, worker)),
    });
  }

  async #closeCall(callId: string, worker: WorkerThread): Promise<void> {
    this.#directory.closed(callId);
    try {
      await worker.requests.request('close', { callId });
    } catch (thrown) {
      if (!hasCode(thrown, 'media-worker-lost') && !hasCode(thrown, 'rpc-closed')) throw thrown;
    }
  }

  #onWorkerEvent(event: MediaWorkerEvent): void {
    if (event.type === 'rtp-timeout') this.#trouble.emit({ callId: event.callId, kind: 'timeout' });
    else if (event.type === 'pause-code') this.#pauseCodes.emit({ callId: event.callId, paused: event.paused });
    else if (event.type === 'call-failed') this.#onCallFailed(event);
    else if (event.type === 'recording-written') this.#recordings.written(event.callId, event.recording);
    else {
      this.#directory.note(event);
      this.#events.emit(Object.freeze(event));
    }
  }

  #onWorkerLost(index: number): void {
    const lost = this.#directory.loseWorker(index);
    this.#logger.error({ calls: lost.length }, 'a media worker died with its calls; it is started again');
    for (const call of lost) this.#tellLost(call);
  }

  #onCallFailed({ callId, err, isLost }: Extract<MediaWorkerEvent, { readonly type: 'call-failed' }>): void {
    this.#logger.error({ err, callId }, 'a call failed in media: it ends, the others go on');
    const lost = isLost ? this.#directory.loseCall(callId) : undefined;
    if (lost !== undefined) this.#tellLost(lost);
    else this.#trouble.emit({ callId, kind: 'failed' });
  }

  #tellLost({ callId, ended, finishing }: LostCall): void {
    if (ended !== undefined) this.#events.emit(ended);
    this.#trouble.emit({ callId, kind: 'failed' });
    if (finishing) this.#tasks.add(this.#recordings.sealLost(callId));
  }
}

/**
 * Redaction may hold a passage until `holdS` more have been heard: a writer that waited for less would wait for ever. But
 * never so much that the oldest is let go.
 */
function roomS({ redaction: { holdS, memoryS } }: Config): number {
  return Math.min(holdS + 30, 0.75 * memoryS);
}

function workerSettings(config: Config, bindAddress: string): MediaWorkerSettings[] {
  const range = parsePortRange(config.rtp.ports);
  if (range === undefined) throw new SidetoneError('config-invalid', 'rtp.ports is not a range');
  return splitPortRange(range, config.rtp.workers).map(({ first, last }) => ({
    bindAddress,
    firstPort: first,
    lastPort: last,
    startAtPort: first,
    quarantineMs: config.rtp.quarantineS * 1000,
    rtpTimeoutMs: config.sip.rtpTimeoutS * 1000,
    silentAfterMs: config.assurance.silentAfterS * 1000,
    pauseCodes: config.pause.dtmf,
    memorySamples: msToSamples(config.redaction.memoryS * 1000),
    dataDir: config.dataDir,
    recognised: config.asr.processes !== 0,
  }));
}
