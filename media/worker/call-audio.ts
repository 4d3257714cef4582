import { join } from 'node:path';
import type { ChannelSide, RecordPolicy } from '#sip/types.ts';
import { CallFeed, type FromSample } from '../feed/call-feed.ts';
import type { FeedHub } from '../feed/feed-hub.ts';
import { recordingPath } from '../recording/paths.ts';
import { Recorder } from '../recording/recorder.ts';
import { AudioMemory, blockSamples } from '../timeline/audio-memory.ts';
import { sampleRateHz, type SampleRange } from '../types.ts';
import type { LiveRecording, MediaWorkerEvent, MediaWorkerSettings } from './messages.ts';

/** Dropped stretches are told about once a second, joined. */
const dropReportSamples = sampleRateHz;

/**
 * A call's audio once it is on the timeline: kept in memory until it has been recorded and recognised, fed to the
 * recogniser, written behind the mark. It outlives the call's sockets, until `finish`.
 */
export class CallAudio {
  readonly #callId: string;
  readonly #settings: MediaWorkerSettings;
  readonly #feeds: FeedHub;
  readonly #emit: (event: MediaWorkerEvent) => void;
  readonly #failed: (thrown: unknown) => void;
  readonly #memory = new AudioMemory();
  readonly #feed: CallFeed;
  readonly #recorder: Recorder;
  readonly #path: string;
  readonly #decided = new Map<ChannelSide, number>();
  #waiting: { readonly samples: number; readonly resolve: () => void }[] = [];
  #dropStart = -1;
  #dropEnd = -1;
  #endSample: number | undefined;
  #finishing = false;
  #written: Promise<void> | undefined;
  droppedSamples = 0;
  failures = 0;

  constructor(options: {
    callId: string;
    policy: RecordPolicy;
    settings: MediaWorkerSettings;
    feeds: FeedHub;
    emit: (event: MediaWorkerEvent) => void;
    /** Something was thrown while nobody called. */
    failed: (thrown: unknown) => void;
    nowEpochMs: number;
  }) {
    const { callId, settings } = options;
    const path = recordingPath(callId, options.nowEpochMs);
    if (path === undefined) throw new RangeError('a call id that cannot name a file');
    this.#callId = callId;
    this.#settings = settings;
    this.#feeds = options.feeds;
    this.#emit = options.emit;
    this.#failed = options.failed;
    this.#path = path;
    this.#feed = new CallFeed(callId, this.#memory, options.failed);
    this.#recorder = new Recorder({
      memory: this.#memory,
      policy: options.policy,
      path: join(settings.dataDir, path),
      onFailure: (_failure, sample) => this.#recordingFailed(sample),
    });
  }

  /** A channel more, in every block from `fromSample` on. */
  addSide(side: ChannelSide, fromSample: number): void {
    this.#memory.sides.push({ side, fromSample });
    this.#decided.set(side, fromSample);
  }

  take(channels: number): Int16Array<ArrayBuffer> {
    return this.#memory.take(channels);
  }

  /** The next block of the timeline, all channels. */
  block(pcm: Int16Array<ArrayBuffer>, samples: number): void {
    this.#memory.append(pcm, samples);
    this.#feed.pump();
    this.#recorder.advance();
    this.#trim();
  }

  attach(socketPath: string, fromSample: FromSample): void {
    this.#feeds.attach(this.#feed, socketPath, fromSample);
  }

  decided(side: ChannelSide, sample: number): void {
    if (sample > (this.#decided.get(side) ?? Infinity)) this.#decided.set(side, sample);
    this.#trim();
  }

  release(untilSample: number, silence: readonly SampleRange[], unheard: readonly SampleRange[]): void {
    for (const range of unheard) this.#recorder.unheard(range);
    this.#recorder.release(untilSample, silence);
    this.#trim();
  }

  silence(range: SampleRange): void {
    this.#recorder.silence(range);
  }

  /** The timeline is complete. */
  ended(endSample: number): void {
    this.#endSample = endSample;
    this.#reportDrop();
    this.#feed.finish(endSample);
    this.#finishIfDone();
  }

  /** Nothing more will be released: what is not yet, is now. Completes when the call has ended too. */
  finish(): void {
    this.#finishing = true;
    this.#recorder.release(Infinity, []);
    this.#finishIfDone();
  }

  /** Null when the recording has just been closed: then it is the files thread's. */
  async redactLate(silence: readonly SampleRange[]): Promise<LiveRecording | null> {
    if (this.#written !== undefined) {
      await this.#written;
      return null;
    }
    for (const range of silence) this.#recorder.silence(range);
    return { path: this.#path, ...(await this.#recorder.flushed()) };
  }

  /** Nothing more comes of it: what is released is written, the rest is lost with the memory. */
  async abandon(): Promise<void> {
    if (this.#written !== undefined) return this.#written;
    this.#feeds.forget(this.#feed);
    try {
      await this.#recorder.finish();
    } finally {
      this.#memory.clear();
      this.#tellRoom();
    }
  }

  /** Resolves once less than `samples` are kept in memory, or the call is over. */
  room(samples: number): Promise<void> {
    if (this.#memory.samples < samples || this.#written !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ samples, resolve }));
  }

  get memorySamples(): number {
    return this.#memory.samples;
  }

  #finishIfDone(): void {
    if (!this.#finishing || this.#endSample === undefined) return;
    this.#feeds.forget(this.#feed);
    this.#written ??= this.#closeRecording().catch(this.#failed);
  }

  async #closeRecording(): Promise<void> {
    const written = await this.#recorder.finish();
    const recording = written.samples === 0 && written.failure === null ? null : { path: this.#path, ...written };
    this.#memory.clear();
    this.#tellRoom();
    this.#emit({ type: 'recording-written', callId: this.#callId, recording });
  }

  #trim(): void {
    this.#dropDone();
    this.#tellRoom();
  }

  #dropDone(): void {
    const memory = this.#memory;
    const heard = this.#settings.recognised ? Math.min(...this.#decided.values()) : Infinity;
    for (let oldest = memory.oldest; oldest !== undefined; oldest = memory.oldest) {
      const end = oldest.startSample + oldest.samples;
      const kept = end > this.#recorder.taken || end > heard;
      if (kept && memory.samples <= this.#settings.memorySamples) return;
      if (kept) {
        if (end > this.#recorder.taken || this.#feed.connection !== undefined) this.#drop(oldest.startSample, end);
        this.#recorder.letGo(oldest);
      }
      memory.dropOldest();
    }
  }

  #tellRoom(): void {
    if (this.#waiting.length === 0) return;
    const { samples: kept } = this.#memory;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ samples }) => kept >= samples);
    for (const { samples, resolve } of waiting) if (kept < samples) resolve();
  }

  #drop(start: number, end: number): void {
    if (this.#dropStart < 0 || start > this.#dropEnd) {
      this.#reportDrop();
      this.#dropStart = start;
    }
    this.#dropEnd = end;
    this.droppedSamples += end - start;
    if (end - this.#dropStart >= dropReportSamples) this.#reportDrop();
  }

  #reportDrop(): void {
    if (this.#dropStart < 0) return;
    this.#emit({
      type: 'audio-dropped',
      callId: this.#callId,
      startSample: this.#dropStart,
      endSample: this.#dropEnd,
      reason: 'behind',
    });
    this.#dropStart = -1;
  }

  #recordingFailed(sample: number): void {
    this.failures++;
    this.#emit({
      type: 'audio-dropped',
      callId: this.#callId,
      startSample: sample,
      endSample: Math.max(sample + blockSamples, this.#recorder.taken),
      reason: 'disk-full',
    });
  }
}
