import { setTimeout } from 'node:timers/promises';
import { within } from '#lib/closing.ts';
import { hasCode } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import type {
  CapturedCall,
  CallIntake,
  IntakeCall,
  Party,
  PartySide,
  Termination,
  TerminationReason,
} from '#sip/types.ts';
import type { IngestEntry, MediaEvent } from '../types.ts';
import { playCapture } from './play-capture.ts';
import { playSound, type Pace } from './play-sound.ts';
import type { Contents } from './reading.ts';
import type { SoundReader, SoundThread } from './sound/sound-thread.ts';

/** The server stops: what has not been played is begun anew by the next one. */
const stopping: readonly TerminationReason[] = ['server-draining', 'server-shutdown'];

const retryMs = 1000;
/** Recognition may be far behind with other calls. */
const longestFinishMs = 3_600_000;

export interface MediaEvents {
  subscribe(listener: (event: MediaEvent) => void): () => void;
}

/** How a job ended: everything was played; the server stops; or the house ended a call early. */
export type JobEnd = 'done' | 'stopped' | TerminationReason;

/**
 * One entry to its calls, one after another, through the same door as every copied call. `onProgress` gets the ms of
 * all sound that was played.
 */
export class IngestJob {
  readonly #intake: CallIntake;
  readonly #media: MediaEvents;
  readonly #sound: SoundThread;
  readonly #entry: IngestEntry;
  readonly #onProgress: (doneMs: number) => void;
  #wanted: TerminationReason | undefined;
  /** Something is wanted. */
  readonly #stopped = Promise.withResolvers<void>();
  readonly #serverStops = Promise.withResolvers<void>();

  constructor(options: {
    readonly intake: CallIntake;
    readonly media: MediaEvents;
    readonly sound: SoundThread;
    readonly entry: IngestEntry;
    readonly onProgress: (doneMs: number) => void;
  }) {
    this.#intake = options.intake;
    this.#media = options.media;
    this.#sound = options.sound;
    this.#entry = options.entry;
    this.#onProgress = options.onProgress;
  }

  /** Ends it within a second of sound. */
  stop(): void {
    this.#want('server-draining');
  }

  /** @throws SidetoneError as `CallIntake.begin`, `unsupported-audio`, `media-worker-lost` */
  async run(contents: Contents): Promise<JobEnd> {
    try {
      await (contents.kind === 'sound' ? this.#sounded(contents) : this.#allCaptured(contents.calls));
    } catch (thrown) {
      if (hasCode(thrown, 'server-draining')) this.#want('server-draining');
      // What the house ends fails in whatever was under way.
      else if (this.#wanted === undefined) throw thrown;
    }
    if (this.#wanted === undefined) return 'done';
    return stopping.includes(this.#wanted) ? 'stopped' : this.#wanted;
  }

  async #sounded({ paths, sides, durationMs }: Extract<Contents, { readonly kind: 'sound' }>): Promise<void> {
    const { startedAtEpochMs } = this.#entry;
    const readers: SoundReader[] = [];
    const call = await this.#begin({ parties: sides.map(unknownParty), fileEpochMs: startedAtEpochMs }, 0);
    try {
      call.answered(startedAtEpochMs);
      for (const path of paths) readers.push(await this.#sound.open(path));
      await playSound(call, { readers, sides }, this.#pace(call));
      await this.#end(call, 'file-ended', startedAtEpochMs + durationMs);
    } catch (thrown) {
      await this.#end(call, 'media-failed');
      throw thrown;
    } finally {
      for (const reader of readers) await reader.close();
    }
  }

  async #allCaptured(calls: readonly CapturedCall[]): Promise<void> {
    let beforeMs = 0;
    for (const [index, captured] of calls.entries()) {
      if (this.#wanted !== undefined) return;
      beforeMs += await this.#captured(captured, index, beforeMs);
    }
  }

  async #captured(captured: CapturedCall, index: number, beforeMs: number): Promise<number> {
    const { sipCallIds, parties, headers, startedEpochMs, answeredEpochMs, endedEpochMs, termination } = captured;
    const call = await this.#begin({ sipCallIds, parties, headers, fileEpochMs: startedEpochMs }, index);
    try {
      if (answeredEpochMs !== null) call.answered(answeredEpochMs);
      for (const note of captured.notes) call.note(note, '');
      await playCapture(call, captured, this.#pace(call, beforeMs));
      await this.#end(call, termination, endedEpochMs);
    } catch (thrown) {
      await this.#end(call, 'media-failed');
      throw thrown;
    }
    return Math.round(endedEpochMs - startedEpochMs);
  }

  async #begin(
    known: { readonly parties: readonly Party[]; readonly fileEpochMs: number } & Partial<
      Pick<CapturedCall, 'sipCallIds' | 'headers'>
    >,
    index: number,
  ): Promise<IntakeCall> {
    const { sourceName, callIds, phrases } = this.#entry;
    const callId = callIds[index] ?? newId();
    const over = this.#listenForEnd(callId);
    try {
      for (;;) {
        try {
          const ours = { source: 'ingest', sourceName, sipCallIds: [], headers: {}, callId, phrases } as const;
          const call = await this.#intake.begin({ ...ours, ...known });
          call.onEndWanted((reason) => this.#want(reason));
          return call;
        } catch (thrown) {
          if (hasCode(thrown, 'server-draining')) throw thrown;
          if (!hasCode(thrown, 'at-capacity')) {
            // A call has begun and failed: it is over once it is stored.
            await over.waited();
            throw thrown;
          }
          // The house is full for the moment: files can wait.
          if (this.#wanted !== undefined) throw thrown;
          await Promise.race([setTimeout(retryMs), this.#stopped.promise]);
        }
      }
    } finally {
      over.forget();
    }
  }

  /**
   * Ends the call, and waits until recognition has done with it and its recording is closed: else short files would all
   * be played at once and lie in memory together.
   */
  async #end(call: IntakeCall, how: TerminationReason | Termination, atEpochMs?: number): Promise<void> {
    const over = this.#listenForEnd(call.callId);
    try {
      await call.end(this.#wanted ?? how, atEpochMs);
      await over.waited();
    } finally {
      over.forget();
    }
  }

  /** A call's recording is the last that is stored of it. */
  #listenForEnd(callId: string): { readonly waited: () => Promise<void>; readonly forget: () => void } {
    const { promise: finished, resolve } = Promise.withResolvers<void>();
    const forget = this.#media.subscribe((event) => {
      if (event.type === 'recording-finished' && event.callId === callId) resolve();
    });
    return { waited: () => within(longestFinishMs, Promise.race([finished, this.#serverStops.promise])), forget };
  }

  #want(reason: TerminationReason): void {
    this.#wanted ??= reason;
    this.#stopped.resolve();
    if (stopping.includes(reason)) this.#serverStops.resolve();
  }

  /** What plays into the call: waits for room no longer than the call is wanted. */
  #pace({ fork }: IntakeCall, beforeMs = 0): Pace {
    return {
      room: async (doneMs) => {
        await Promise.race([fork.room(), this.#stopped.promise]);
        this.#onProgress(beforeMs + doneMs);
        return this.#wanted === undefined;
      },
    };
  }
}

function unknownParty(side: PartySide): Party {
  return Object.freeze({
    partyId: newId(),
    side,
    uri: null,
    displayName: null,
    role: 'unknown',
    joinedMs: 0,
    leftMs: null,
  });
}
