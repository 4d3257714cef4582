import { BackgroundTasks } from '#lib/closing.ts';
import { toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import { locateRecording } from '../recording/paths.ts';
import type { MediaEvent, RecordingReport, SampleRange } from '../types.ts';
import type { FilesThread } from './files-thread.ts';
import type { LiveRecording } from './messages.ts';

type RecordingFinished = Extract<MediaEvent, { readonly type: 'recording-finished' }>;

/** Closed recordings, by way of the files thread. Late redaction of one that is being sealed waits its turn there. */
export class Recordings {
  readonly #dataDir: string;
  readonly #files: FilesThread;
  readonly #logger: Logger;
  readonly #finished: (event: RecordingFinished) => void;
  readonly #tasks: BackgroundTasks;

  constructor(dataDir: string, files: FilesThread, logger: Logger, finished: (event: RecordingFinished) => void) {
    this.#dataDir = dataDir;
    this.#files = files;
    this.#logger = logger;
    this.#finished = finished;
    this.#tasks = new BackgroundTasks((err) => logger.error({ err }, 'a recording could not be finished'));
  }

  /** A worker has closed the file (null: there is none). The report follows as an event. */
  written(callId: string, recording: LiveRecording | null): void {
    if (recording === null) this.#finished(finishedEvent(callId, emptyReport(null)));
    else this.#tasks.add(this.#seal(callId, recording));
  }

  /** The worker that wrote it is gone, or failed with this call: what is on disk is sealed. */
  async sealLost(callId: string): Promise<void> {
    const path = await locateRecording(this.#dataDir, callId);
    const failure = 'media-failed';
    if (path === undefined) this.#finished(finishedEvent(callId, emptyReport(failure)));
    else {
      const unknown = { path, samples: 0, silenced: [], unredacted: [], failure };
      await this.#tellSealed(callId, unknown, this.#files.requests.request('sealUnfinished', { path, failure }));
    }
  }

  liveReport(live: LiveRecording): RecordingReport {
    const { path, samples, silenced, unredacted, failure } = live;
    const story = { samples, silenced, unredacted, failure };
    return Object.freeze({ ...emptyReport(null), ...story, path: samples === 0 ? null : path });
  }

  redact(callId: string, silence: readonly SampleRange[]): Promise<RecordingReport> {
    return this.#files.requests.request('redact', { callId, silence });
  }

  remove(callId: string): Promise<void> {
    return this.#files.requests.request('remove', { callId });
  }

  settle(): Promise<void> {
    return this.#tasks.settle();
  }

  #seal(callId: string, recording: LiveRecording): Promise<void> {
    const { samples, failure } = recording;
    const sealed =
      samples === 0 ? Promise.resolve(emptyReport(failure)) : this.#files.requests.request('seal', recording);
    return this.#tellSealed(callId, recording, sealed);
  }

  async #tellSealed(callId: string, recording: LiveRecording, sealed: Promise<RecordingReport>): Promise<void> {
    try {
      this.#finished(finishedEvent(callId, await sealed));
    } catch (thrown) {
      this.#logger.error({ err: toError(thrown), callId }, 'a recording could not be sealed');
      const { path, samples, silenced, unredacted, failure } = recording;
      const story = { path, samples, silenced, unredacted, failure: failure ?? 'write-failed' };
      this.#finished(finishedEvent(callId, { ...emptyReport(null), ...story }));
    }
  }
}

function finishedEvent(callId: string, recording: RecordingReport): RecordingFinished {
  return Object.freeze({ type: 'recording-finished', callId, recording: Object.freeze(recording) });
}

function emptyReport(failure: string | null): RecordingReport {
  return {
    path: null,
    peaksPath: null,
    samples: 0,
    bytes: 0,
    sha256: null,
    silenced: [],
    unredacted: [],
    failure,
  };
}
