import type { ChannelSide } from '#sip/types.ts';
import { pauseWithinMs } from './chains.ts';
import type { Decision } from './decide.ts';
import { readToken } from './digit-words.ts';
import type { Listening, OpenSegment } from './listening.ts';
import { showable } from './partials.ts';
import type { ReleasedSegment, ShownPartial } from './types.ts';

/** What watchers see of the open segments; what each event changes of it. */
export class LivePartials {
  readonly #shown = new Map<ChannelSide, ShownPartial>();
  readonly #digitShown = new Map<ChannelSide, { readonly segmentId: string; readonly endMs: number }>();

  /** `released`: the segments given out with the same event. */
  changes(
    listening: Listening,
    decision: Decision,
    inPassage: boolean,
    released: readonly ReleasedSegment[],
  ): ShownPartial[] {
    return listening.sides.flatMap((side) => {
      const open = listening.open(side);
      if (open === null) return this.#ended(side, inPassage, released);
      const words = inPassage ? [] : showable(open.words, this.#isMidNumber(side, open, decision) ? 1 : 0);
      return this.#grown({ side, segmentId: open.segmentId, words });
    });
  }

  #grown(news: ShownPartial): ShownPartial[] {
    const shown = this.#shown.get(news.side);
    const isNews = shown?.segmentId === news.segmentId ? textOf(shown) !== textOf(news) : news.words.length > 0;
    if (!isNews) return [];
    this.#shown.set(news.side, news);
    const digit = news.words.findLast(({ text }) => readToken(text).kind === 'number');
    if (digit) this.#digitShown.set(news.side, { segmentId: news.segmentId, endMs: digit.endMs });
    return [news];
  }

  /** Its utterance replaces it; a passage takes it away while its final is held. */
  #ended(side: ChannelSide, inPassage: boolean, released: readonly ReleasedSegment[]): ShownPartial[] {
    const shown = this.#shown.get(side);
    if (shown === undefined) return [];
    const isReplaced = released.some(({ segmentId }) => segmentId === shown.segmentId);
    if (!isReplaced && !inPassage) return [];
    this.#shown.delete(side);
    return isReplaced || shown.words.length === 0 ? [] : [{ ...shown, words: [] }];
  }

  #isMidNumber(side: ChannelSide, open: OpenSegment, { undecided, dictations }: Decision): boolean {
    return (
      undecided.length > 0 ||
      dictations.some((row) => row.open && row.side === side) ||
      this.#digitShownBefore(side, open)
    );
  }

  /** A digit was shown of the turn before; its final text may have lost it, the screen has not. */
  #digitShownBefore(side: ChannelSide, { segmentId, words }: OpenSegment): boolean {
    const last = this.#digitShown.get(side);
    const startMs = words[0]?.startMs ?? Number.POSITIVE_INFINITY;
    return last !== undefined && last.segmentId !== segmentId && startMs - last.endMs <= pauseWithinMs;
  }
}

function textOf({ words }: ShownPartial): string {
  return words.map((word) => word.text).join(' ');
}
