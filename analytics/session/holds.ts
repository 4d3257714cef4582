import type { ChannelSide } from '#sip/types.ts';
import { intersection, totalMs, union, type Interval } from '../metrics/intervals.ts';

/** The holds of one call, by the side that put the others on hold; ms on the call's timeline. */
export class Holds {
  readonly #over = new Map<ChannelSide, Interval[]>();
  readonly #since = new Map<ChannelSide, number>();

  change(side: ChannelSide, holding: boolean, atMs: number): void {
    const since = this.#since.get(side);
    if (holding) {
      this.#since.set(side, since ?? atMs);
    } else if (since !== undefined) {
      this.#over.set(side, [...(this.#over.get(side) ?? []), { startMs: since, endMs: atMs }]);
      this.#since.delete(side);
    }
  }

  /** Holds of one side, those still on taken to last until `endMs`. */
  of(side: ChannelSide, endMs: number): readonly Interval[] {
    const since = this.#since.get(side);
    const open = since === undefined ? [] : [{ startMs: since, endMs }];
    return union([...(this.#over.get(side) ?? []), ...open]);
  }

  all(endMs: number): readonly Interval[] {
    const sides = new Set([...this.#over.keys(), ...this.#since.keys()]);
    return [...sides].flatMap((side) => this.of(side, endMs));
  }

  /** What a side sends while it holds the others is music or an announcement, not talk. */
  isHoldSound(side: ChannelSide, stretch: Interval): boolean {
    const held = totalMs(intersection([stretch], this.of(side, stretch.endMs)));
    return held * 2 > stretch.endMs - stretch.startMs;
  }
}
