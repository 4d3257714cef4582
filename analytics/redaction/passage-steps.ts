import type { ChannelSide } from '#sip/types.ts';
import { looksLikeCard } from './card-likeness.ts';
import type { Chain, HeardUntil } from './chains.ts';
import type { Dictation } from './dictation.ts';
import { isName } from './names.ts';
import { isTalk, type HeardSegment, type HeardWord } from './talk.ts';
import type { HeardTerm } from './terms.ts';

/** What moves the card passage (passage.ts): everything said that matters to it, one moment each. */
export type PassageStep =
  | { readonly type: 'term'; readonly atMs: number; readonly term: HeardTerm }
  | { readonly type: 'card-run' | 'run' | 'quantity' | 'name'; readonly atMs: number }
  | { readonly type: 'talk'; readonly atMs: number; readonly side: ChannelSide; readonly plain: boolean };

export interface PassageEvidence {
  readonly sides: HeardUntil['sides'];
  readonly segments: readonly HeardSegment[];
  readonly words: readonly HeardWord[];
  readonly terms: readonly HeardTerm[];
  readonly chains: readonly Chain[];
  readonly dictations: readonly Dictation[];
}

/** Speech without text of this length, once a card was spoken of, is taken for its number. */
const unreadMs = 1500;
/** And all along it: no state may end for quiet while nobody knows whether it was quiet. */
const unreadEveryMs = 10_000;

const stepOrder = ['term', 'card-run', 'run', 'quantity', 'name', 'talk'];

export function stepsOf({ segments, words, terms, chains, dictations }: Omit<PassageEvidence, 'sides'>): PassageStep[] {
  const steps: PassageStep[] = terms.map((term) => ({ type: 'term', atMs: term.atMs, term }));
  for (const { startMs, endMs, isNumber } of dictations) {
    if (isNumber) steps.push({ type: 'card-run', atMs: startMs }, { type: 'run', atMs: endMs });
  }
  for (const { words: none, startMs, endMs } of segments) {
    if (none.length > 0 || endMs - startMs < unreadMs) continue;
    for (let atMs = startMs; atMs < endMs; atMs += unreadEveryMs) steps.push({ type: 'run', atMs });
    steps.push({ type: 'run', atMs: endMs });
  }
  for (const chain of chains) {
    if (looksLikeCard(chain)) steps.push({ type: 'card-run', atMs: chain.startMs });
    for (const run of chain.runs) {
      steps.push({ type: chain.quantity ? 'quantity' : 'run', atMs: run.startMs });
      if (run.endMs > run.startMs) steps.push({ type: chain.quantity ? 'quantity' : 'run', atMs: run.endMs });
    }
  }
  for (const heard of words) {
    const { word, side, segment } = heard;
    if (isName(heard)) steps.push({ type: 'name', atMs: word.startMs });
    if (isTalk(heard)) steps.push({ type: 'talk', atMs: word.startMs, side, plain: segment.plain });
  }
  return steps.sort((a, b) => a.atMs - b.atMs || stepOrder.indexOf(a.type) - stepOrder.indexOf(b.type));
}
