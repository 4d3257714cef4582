import type { AsrEvent } from '../../asr/types.ts';
import { percentile } from './clips.ts';
import { Display, bare, wordErrors } from './display.ts';
import type { Script } from './scripts.ts';

/** Watches the events of calls as a person in front of the page would, and says how it was. */
export class Watcher {
  readonly #scripts: ReadonlyMap<string, Script>;
  readonly #print: boolean;
  readonly #displays = new Map<string, Display>();
  readonly #heard = new Map<string, string[]>();
  readonly #wordDelaysMs: number[] = [];
  readonly #finalDelaysMs: number[] = [];
  readonly #clipDelaysMs: number[] = [];
  readonly #noWordsMs: number[] = [];
  finishedSides = 0;

  constructor(scripts: ReadonlyMap<string, Script>, print: boolean) {
    this.#scripts = scripts;
    this.#print = print;
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
    if (this.#print) console.error(event.segmentId.slice(-10), event.type, Math.round(atMs), texts.join(' '));
    if (event.type === 'partial') return;
    event.words.forEach((word, index) => this.#wordDelaysMs.push((shown[index]?.shownAtMs ?? 0) - word.endMs));
    this.#finalDelaysMs.push(atMs - Math.max(...event.words.map((word) => word.endMs)));
    const channel = `${event.callId}:${event.side}`;
    const clip = this.#scripts.get(channel)?.clips.find((each) => Math.abs(each.endMs - event.endMs) < 700);
    if (clip !== undefined) this.#clipDelaysMs.push(atMs - clip.endMs);
    this.#heard.set(channel, [...(this.#heard.get(channel) ?? []), ...texts]);
  }

  report(): Record<string, unknown> {
    const words = [...this.#displays.values()].flatMap((display) => display.all);
    const partial = words.filter((word) => word.inPartial);
    let said = 0;
    let errors = 0;
    for (const [channel, script] of this.#scripts) {
      said += script.said.length;
      errors += wordErrors(script.said.map(bare), (this.#heard.get(channel) ?? []).map(bare));
    }
    return {
      segments: this.#displays.size,
      noWordsMs: this.#noWordsMs,
      wordsShown: words.length,
      shownInPartials: partial.length,
      changedPercent: percent(words.filter((word) => word.changed).length, words.length),
      changedOfPartialsPercent: percent(partial.filter((word) => word.changed).length, partial.length),
      restyledOfPartialsPercent: percent(
        partial.filter((word) => word.restyled && !word.changed).length,
        partial.length,
      ),
      wordToShownMedianMs: at(this.#wordDelaysMs, 0.5),
      wordToShownP90Ms: at(this.#wordDelaysMs, 0.9),
      finalDelayP50Ms: at(this.#finalDelaysMs, 0.5),
      finalDelayP95Ms: at(this.#finalDelaysMs, 0.95),
      finalAfterClipP95Ms: at(this.#clipDelaysMs, 0.95),
      wordsSaid: said,
      werPercent: percent(errors, said),
    };
  }
}

function at(values: readonly number[], share: number): number | null {
  const value = percentile(values, share);
  return value === null ? null : Math.round(value);
}

function percent(part: number, whole: number): number {
  return Math.round((1000 * part) / Math.max(1, whole)) / 10;
}
