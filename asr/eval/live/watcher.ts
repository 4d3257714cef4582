import { alignWords } from '../../text/align.ts';
import { normaliseWords } from '../../text/normalise.ts';
import type { AsrEvent } from '../../types.ts';
import { rateInterval, type Interval, type Tally } from '../bootstrap.ts';
import { Display } from './display.ts';
import type { Script } from './scripts.ts';

/** How it was to watch calls live. `changed` and `restyled` in percent of words, delays in ms; null of nothing. */
export interface LiveReport {
  readonly segments: number;
  /** Stretches in which speech was seen and no word heard, by their length. */
  readonly noWordsMs: readonly number[];
  readonly wordsShown: number;
  readonly shownInPartials: number;
  readonly changedPercent: number;
  /** Of `changedPercent`, over segments. */
  readonly changedInterval: Interval;
  readonly changedOfPartialsPercent: number;
  readonly restyledOfPartialsPercent: number;
  readonly wordToShownMedianMs: number | null;
  readonly wordToShownP90Ms: number | null;
  /** Of the words of finals of segments over 3 s: shown before the final came. */
  readonly shownBeforeFinalPercent: number;
  readonly finalDelayP50Ms: number | null;
  readonly finalDelayP95Ms: number | null;
  readonly finalAfterClipP95Ms: number | null;
  readonly wordsSaid: number;
  readonly werPercent: number;
  readonly werInterval: Interval;
}

/** A turn is long when its words ought to be shown before it is over. */
const longTurnMs = 3000;

/** Watches the events of calls as a person in front of the page would, and says how it was. */
export class Watcher {
  readonly #scripts: ReadonlyMap<string, Script>;
  readonly #tell: ((line: string) => void) | undefined;
  readonly #displays = new Map<string, Display>();
  readonly #heard = new Map<string, string[]>();
  readonly #wordDelaysMs: number[] = [];
  readonly #finalDelaysMs: number[] = [];
  readonly #clipDelaysMs: number[] = [];
  readonly #noWordsMs: number[] = [];
  readonly #long = { words: 0, shownBefore: 0 };
  finishedSides = 0;

  /** `tell` is given each text as it comes. */
  constructor(scripts: ReadonlyMap<string, Script>, tell?: (line: string) => void) {
    this.#scripts = scripts;
    this.#tell = tell;
  }

  /** `atMs`: now, on the timeline of the event's call. */
  see(event: AsrEvent, atMs: number): void {
    if (event.type === 'finished') this.finishedSides += 1;
    if (event.type === 'no-words') this.#noWordsMs.push(Math.round(event.endMs - event.startMs));
    if (event.type !== 'partial' && event.type !== 'final') return;
    const display = this.#displays.get(event.segmentId) ?? new Display();
    this.#displays.set(event.segmentId, display);
    const texts = event.words.map((word) => word.text);
    const shown = display.show(texts, atMs, event.type === 'partial');
    this.#tell?.(`${event.segmentId.slice(-10)} ${event.type} ${Math.round(atMs)} ${texts.join(' ')}`);
    if (event.type === 'partial') return;
    event.words.forEach((word, index) => this.#wordDelaysMs.push((shown[index]?.shownAtMs ?? 0) - word.endMs));
    this.#finalDelaysMs.push(atMs - Math.max(...event.words.map((word) => word.endMs)));
    if (event.endMs - event.startMs > longTurnMs) {
      this.#long.words += shown.length;
      this.#long.shownBefore += shown.filter((word) => word.inPartial).length;
    }
    const channel = `${event.callId}:${event.side}`;
    const clip = this.#scripts.get(channel)?.clips.find((each) => Math.abs(each.endMs - event.endMs) < 700);
    if (clip !== undefined) this.#clipDelaysMs.push(atMs - clip.endMs);
    this.#heard.set(channel, [...(this.#heard.get(channel) ?? []), ...texts]);
  }

  report(): LiveReport {
    const displays = [...this.#displays.values()];
    const words = displays.flatMap((display) => display.all);
    const partial = words.filter((word) => word.inPartial);
    const spoken = [...this.#scripts].map(([channel, script]): Tally => {
      const { pairs, substitutions, deletions, insertions } = alignWords(
        normaliseWords(script.said.join(' ')),
        normaliseWords((this.#heard.get(channel) ?? []).join(' ')),
      );
      return { errors: substitutions + deletions + insertions, of: pairs.length - insertions };
    });
    const said = spoken.reduce((sum, { of }) => sum + of, 0);
    const errors = spoken.reduce((sum, each) => sum + each.errors, 0);
    return {
      segments: this.#displays.size,
      noWordsMs: this.#noWordsMs,
      wordsShown: words.length,
      shownInPartials: partial.length,
      changedPercent: percent(words.filter((word) => word.changed).length, words.length),
      changedInterval: rateInterval(
        displays.map(({ all }) => ({ errors: all.filter((word) => word.changed).length, of: all.length })),
      ),
      changedOfPartialsPercent: percent(partial.filter((word) => word.changed).length, partial.length),
      restyledOfPartialsPercent: percent(
        partial.filter((word) => word.restyled && !word.changed).length,
        partial.length,
      ),
      wordToShownMedianMs: at(this.#wordDelaysMs, 0.5),
      wordToShownP90Ms: at(this.#wordDelaysMs, 0.9),
      shownBeforeFinalPercent: percent(this.#long.shownBefore, this.#long.words),
      finalDelayP50Ms: at(this.#finalDelaysMs, 0.5),
      finalDelayP95Ms: at(this.#finalDelaysMs, 0.95),
      finalAfterClipP95Ms: at(this.#clipDelaysMs, 0.95),
      wordsSaid: said,
      werPercent: percent(errors, said),
      werInterval: rateInterval(spoken),
    };
  }
}

function at(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? null : Math.round(value);
}

function percent(part: number, whole: number): number {
  return Math.round((1000 * part) / Math.max(1, whole)) / 10;
}
