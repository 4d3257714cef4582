import { talkSides, type TalkSide } from '#sip/types.ts';
import { intersection, totalMs, union, type Interval } from '../metrics/intervals.ts';

/** The holds of one call, by the side that put the other on hold; ms on the call's timeline. */
export class Holds {
  readonly #over: Record<TalkSide, Interval[]> = { caller: [], callee: [] };
  readonly #since: Record<TalkSide, number | null> = { caller: null, callee: null };

  change(side: TalkSide, holding: boolean, atMs: number): void {
    const since = this.#since[side];
    if (holding) {
      this.#since[side] = since ?? atMs;
    } else if (since !== null) {
      this.#over[side].push({ startMs: since, endMs: atMs });
      this.#since[side] = null;
    }
  }

  /** Holds of one side, those still on taken to last until `endMs`. */
  of(side: TalkSide, endMs: number): readonly Interval[] {
    const since = this.#since[side];
    return union([...this.#over[side], ...(since === null ? [] : [{ startMs: since, endMs }])]);
  }

  all(endMs: number): readonly Interval[] {
    return talkSides.flatMap((side) => this.of(side, endMs));
  }

  /** What a side sends while it holds the other is music or an announcement, not talk. */
  isHoldSound(side: TalkSide, stretch: Interval): boolean {
    const held = totalMs(intersection([stretch], this.of(side, stretch.endMs)));
    return held * 2 > stretch.endMs - stretch.startMs;
  }
}
