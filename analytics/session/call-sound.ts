import type { AsrEvent, SoundLevels } from '#asr/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { Interval } from '../metrics/intervals.ts';
import { soundFigures, type SoundHeard } from '../metrics/sound-figures.ts';
import type { BySide, CallNote, SideSound } from '../types.ts';

type SoundEvent = Extract<AsrEvent, { readonly type: 'sound' | 'levels' | 'identical' }>;

/** More than this are not noted one by one: whatever makes them is no telephone call. */
const mostNotes = 200;

/** What is heard in one call besides words: what of it is noted on the call, and its figures. */
export class CallSound {
  readonly #levels = new Map<ChannelSide, SoundLevels[]>();
  readonly #sounds: SoundHeard[] = [];
  readonly #echoing = new Set<ChannelSide>();

  /** Returns what is to be noted on the call. */
  take(event: SoundEvent): CallNote | undefined {
    switch (event.type) {
      case 'levels': {
        const known = this.#levels.get(event.side) ?? [];
        known.push(event.levels);
        this.#levels.set(event.side, known);
        return undefined;
      }
      case 'identical': {
        const detail = `${event.side} carries what ${event.of} carries: written once`;
        return { atMs: event.atMs, note: 'channels-identical', detail };
      }
      case 'sound':
        this.#sounds.push(event);
        return this.#noted(event);
      default:
        return event satisfies never;
    }
  }

  /** `window`: from the answer to the end. Undefined where nothing is known of the sound. */
  figures(window: Interval): BySide<SideSound> | undefined {
    return this.#levels.size === 0 ? undefined : soundFigures(this.#levels, this.#sounds, window);
  }

  /** An echo comes with each word of the other side: once is enough. */
  #noted({ kind, side, startMs, endMs }: SoundHeard): CallNote | undefined {
    if (this.#sounds.length > mostNotes) return undefined;
    if (kind !== 'echo') return { atMs: startMs, note: kind, detail: side, untilMs: endMs };
    if (this.#echoing.has(side)) return undefined;
    this.#echoing.add(side);
    return { atMs: startMs, note: kind, detail: side };
  }
}
