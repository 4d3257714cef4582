import type { Utterance } from '#analytics/types.ts';
import type { Word } from '#asr/types.ts';
import type { ChannelSide } from '#sip/types.ts';

/** What a side is saying now. */
export interface Partial {
  readonly side: ChannelSide;
  readonly segmentId: string;
  readonly words: readonly Word[];
}

/** In order of start; one with an id that is there already (late redaction) takes its place. */
export function withUtterance(list: readonly Utterance[], utterance: Utterance): readonly Utterance[] {
  const others = list.filter((each) => each.utteranceId !== utterance.utteranceId);
  const at = others.findIndex((each) => each.startMs > utterance.startMs);
  return at === -1 ? [...others, utterance] : others.toSpliced(at, 0, utterance);
}

/** One open segment a side: a new one takes the place of the old. No words: there is nothing to be shown. */
export function withPartial(list: readonly Partial[], { side, segmentId, words }: Partial): readonly Partial[] {
  const others = list.filter((each) => each.side !== side);
  return words.length === 0 ? others : [...others, { side, segmentId, words }];
}
