import type { AsrEvent } from '../../types.ts';

export interface LatenessReport {
  /** Audio that recognition never saw. */
  readonly lostS: number;
  /** Of the speech in finals that came more than `lateMs` after their last word. */
  readonly lateS: number;
  readonly latestFinalMs: number;
}

/** The same figure that the aim for finals is set at. */
const lateMs = 1500;

/** What a disturbance cost: seconds of transcript that came late, or never. */
export class Lateness {
  #lostMs = 0;
  #lateMs = 0;
  #latestMs = 0;

  /** `atMs`: now, on the timeline of the event's call. */
  see(event: AsrEvent, atMs: number): void {
    if (event.type === 'unheard') this.#lostMs += event.endMs - event.startMs;
    if (event.type !== 'final') return;
    const delayMs = atMs - Math.max(...event.words.map((word) => word.endMs));
    this.#latestMs = Math.max(this.#latestMs, delayMs);
    if (delayMs > lateMs) this.#lateMs += event.endMs - event.startMs;
  }

  report(): LatenessReport {
    const inSeconds = (ms: number): number => Math.round(ms / 100) / 10;
    return {
      lostS: inSeconds(this.#lostMs),
      lateS: inSeconds(this.#lateMs),
      latestFinalMs: Math.round(this.#latestMs),
    };
  }
}
