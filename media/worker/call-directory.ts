import type { ChannelSide } from '#sip/types.ts';
import { samplesPerMs, type MediaEvent } from '../types.ts';
import type { FromSample } from '../feed/call-feed.ts';
import { lostStreamReport } from './stream-report.ts';

export interface Attachment {
  readonly socketPath: string;
  readonly fromSample: FromSample;
}
type MediaEnded = Extract<MediaEvent, { readonly type: 'media-ended' }>;

interface Entry {
  readonly worker: number;
  open: boolean;
  /** By our clock: the times of a file are long past. */
  startedAtEpochMs: number | undefined;
  /** Channels of the timeline, once it has begun. */
  readonly sides: ChannelSide[];
  ended: boolean;
  /** Its recording is to be closed: nobody asks for that again. */
  finishing: boolean;
}

/** A call that its worker has no more. */
export interface LostCall {
  readonly callId: string;
  /** What the worker can no longer send; undefined: it has. */
  readonly ended: MediaEnded | undefined;
  readonly finishing: boolean;
}

/** Attachments kept for calls that are not open yet. */
const keptAttachments = 1000;

/** On the main thread: which worker has which call, from `open` until its recording is finished. */
export class CallDirectory {
  readonly #calls = new Map<string, Entry>();
  readonly #openCalls: number[];
  readonly #attachments = new Map<string, Attachment>();

  constructor(workers: number) {
    this.#openCalls = Array.from({ length: workers }, () => 0);
  }

  /** Returns the attachment that was asked for before the call was open, if any. */
  add(callId: string, worker: number): Attachment | undefined {
    this.#calls.set(callId, {
      worker,
      open: true,
      startedAtEpochMs: undefined,
      sides: [],
      ended: false,
      finishing: false,
    });
    this.#countOpen(worker, 1);
    return this.#attachments.get(callId);
  }

  remove(callId: string): void {
    this.closed(callId);
    this.#calls.delete(callId);
  }

  closed(callId: string): void {
    const entry = this.#calls.get(callId);
    if (entry?.open !== true) return;
    entry.open = false;
    this.#countOpen(entry.worker, -1);
  }

  forget(callId: string): void {
    this.remove(callId);
    this.#attachments.delete(callId);
  }

  keepAttachment(callId: string, attachment: Attachment): void {
    this.#attachments.set(callId, attachment);
    if (this.#attachments.size <= keptAttachments) return;
    const [oldest] = this.#attachments.keys();
    if (oldest !== undefined) this.#attachments.delete(oldest);
  }

  workerOf(callId: string): number | undefined {
    return this.#calls.get(callId)?.worker;
  }

  leastBusyFirst(): number[] {
    return this.#openCalls
      .map((_, index) => index)
      .sort((a, b) => (this.#openCalls[a] ?? 0) - (this.#openCalls[b] ?? 0));
  }

  note(event: MediaEvent): void {
    const entry = this.#calls.get(event.callId);
    if (entry === undefined) return;
    if (event.type === 'media-started') {
      entry.startedAtEpochMs = Date.now();
      entry.sides.push(...event.sides);
    }
    if (event.type === 'side-added') entry.sides.push(event.side);
    if (event.type === 'media-ended') entry.ended = true;
  }

  finishing(callId: string): void {
    const entry = this.#calls.get(callId);
    if (entry !== undefined) entry.finishing = true;
  }

  /** Takes out the calls of a dead worker. */
  loseWorker(worker: number): LostCall[] {
    const lost = [...this.#calls].filter(([, entry]) => entry.worker === worker);
    return lost.map(([callId, entry]) => this.#lose(callId, entry));
  }

  /** Takes out one call that failed. */
  loseCall(callId: string): LostCall | undefined {
    const entry = this.#calls.get(callId);
    return entry && this.#lose(callId, entry);
  }

  #lose(callId: string, entry: Entry): LostCall {
    this.remove(callId);
    return { callId, ended: entry.ended ? undefined : endedBy(callId, entry), finishing: entry.finishing };
  }

  #countOpen(worker: number, change: number): void {
    this.#openCalls[worker] = (this.#openCalls[worker] ?? 0) + change;
  }
}

/** The timeline ran with the wall clock (that of a file not slower); the counts are lost. */
function endedBy(callId: string, { startedAtEpochMs, sides }: Entry): MediaEnded {
  const ranMs = startedAtEpochMs === undefined ? 0 : Math.max(0, Date.now() - startedAtEpochMs);
  return Object.freeze({
    type: 'media-ended',
    callId,
    endSample: Math.round(ranMs * samplesPerMs),
    streams: Object.fromEntries(sides.map((side) => [side, lostStreamReport])),
  });
}
