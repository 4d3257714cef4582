import { systemClock } from '#lib/clock.ts';
import { hasCode, SidetoneError } from '#lib/errors.ts';
import { newId } from '#lib/ids.ts';
import { silentLogger } from '#lib/log.ts';
import type { CallIntake, IntakeCall, TerminationReason } from '#sip/types.ts';
import { FileIngest } from '../files/ingest.ts';
import type { ReadCapture } from '../files/reading.ts';
import type { IngestEntry, IngestLedger } from '../types.ts';
import type { MediaBench } from './media-bench.ts';

/** Keeps entries as db/ does, for as long as the test lasts. */
export class MemoryLedger implements IngestLedger {
  readonly entries = new Map<string, IngestEntry>();
  /** Saves that fail from now on, as without a database. */
  failures = 0;

  find(sha256: string): Promise<IngestEntry | undefined> {
    return Promise.resolve(this.entries.get(sha256));
  }

  unfinished(): Promise<readonly IngestEntry[]> {
    return Promise.resolve(
      [...this.entries.values()].filter(({ state }) => state === 'waiting' || state === 'running'),
    );
  }

  save(entry: IngestEntry): Promise<void> {
    if (this.failures > 0) {
      this.failures--;
      return Promise.reject(new SidetoneError('database-unavailable', 'gone for now'));
    }
    this.entries.set(entry.sha256, entry);
    return Promise.resolve();
  }
}

export interface IngestedCall {
  readonly begun: Parameters<CallIntake['begin']>[0];
  answeredAtEpochMs?: number | undefined;
  ended?: { readonly reason: TerminationReason; readonly atEpochMs: number | undefined };
  readonly notes: string[];
  want(reason: TerminationReason): void;
}

/** Files into calls of a real media stage, whose signalling is this. All sound is released as soon as it is there. */
export class IngestBench {
  readonly ingest: FileIngest;
  readonly calls = new Map<string, IngestedCall>();
  readonly discarded: string[] = [];
  /** What `discard` throws, the next first. */
  readonly discardFailures: Error[] = [];
  /** What `begin` throws, the next first. */
  readonly refusals: Error[] = [];
  readonly #media: MediaBench;

  constructor(media: MediaBench, ledger: IngestLedger, readCapture: ReadCapture, concurrency = 1) {
    this.#media = media;
    this.ingest = new FileIngest({
      dataDir: media.dataDir,
      intake: { begin: (call) => this.#begin(call) },
      media: media.media,
      ledger,
      readCapture,
      discard: (callId) => {
        const failure = this.discardFailures.shift();
        if (failure !== undefined) return Promise.reject(failure);
        this.discarded.push(callId);
        return media.media.remove(callId).catch((thrown: unknown) => {
          if (!hasCode(thrown, 'not-found')) throw thrown;
        });
      },
      clock: systemClock,
      logger: silentLogger,
      concurrency,
      retryAfterMs: [400, 400],
    });
  }

  async #begin(begun: IngestedCall['begun']): Promise<IntakeCall> {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    const callId = begun.callId ?? newId();
    const { media } = this.#media;
    const opening = media.openFork({ callId, record: 'redacted-only', fileEpochMs: begun.fileEpochMs });
    opening.catch(() => media.finish(callId));
    const fork = await opening;
    media.release(callId, Number.MAX_SAFE_INTEGER, [], []);
    let want: (reason: TerminationReason) => void = () => undefined;
    const call: IngestedCall = { begun, notes: [], want: (reason) => want(reason) };
    this.calls.set(callId, call);
    return {
      callId,
      fork,
      answered: (atEpochMs) => (call.answeredAtEpochMs = atEpochMs),
      parties: () => undefined,
      leg: () => undefined,
      note: (note) => call.notes.push(note),
      pause: () => undefined,
      end: async (how, atEpochMs) => {
        if (call.ended !== undefined) return;
        call.ended = { reason: typeof how === 'string' ? how : how.reason, atEpochMs };
        await fork.close();
        media.finish(callId);
      },
      onEndWanted: (listener) => (want = listener),
    };
  }
}
