import type { ChannelSide } from '#sip/types.ts';
import type { RedactionKind } from '../types.ts';
import { beginsLikeCard, looksLikeCard } from './card-likeness.ts';
import { pauseWithinMs, type Chain, type HeardUntil } from './chains.ts';
import { spanAt, type PassageSpan } from './passage.ts';
import { isTalk, type HeardWord } from './talk.ts';
import type { HeardTerm } from './terms.ts';

/** A chain that is masked, and why. */
export interface SensitiveChain {
  readonly chain: Chain;
  readonly kind: RedactionKind;
  readonly reason: 'card-passage' | 'digit-run' | 'named-later' | 'hold-expired';
}

/**
 * From the first to the last digit of one number as all sides say it (reading, reading back): silent on all channels, and
 * nothing in it that could be a digit stays in the text of any side.
 */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: RedactionKind;
  readonly reason: string;
  readonly side: ChannelSide;
  /** More digits may yet come that belong to it. */
  readonly open: boolean;
}

/** A masked chain, or speech in a passage that gave no text and may have been part of one. */
export type StretchPiece = Omit<Stretch, 'open'>;

/** A term looks back this far for the code it names: `one two three, that is the security code`. */
const shortCodeDigits = 3;
/** Longer numbers are found however late their card is named, as long as they are remembered. */
const longCodeDigits = 8;

export interface SensitivityContext {
  readonly spans: readonly PassageSpan[];
  readonly terms: readonly HeardTerm[];
  readonly holdMs: number;
}

export function sensitiveChains(chains: readonly Chain[], context: SensitivityContext): SensitiveChain[] {
  return chains.flatMap((chain) => sensitivity(chain, context) ?? []);
}

function sensitivity(chain: Chain, { spans, terms, holdMs }: SensitivityContext): SensitiveChain | null {
  const words = chain.runs.flatMap((run) => run.words);
  const card = looksLikeCard(chain);
  const span = words
    .map((word) => spanAt(spans, word.word.startMs))
    .find((found) => found !== null && (found.state !== 'mentioned' || !chain.quantity));
  if (span && !(card && span.startMs === chain.startMs)) {
    const asked = span.kind ?? namedAfter(chain, terms) ?? 'digits';
    return { chain, kind: card ? 'card' : fitting(asked, chain), reason: 'card-passage' };
  }
  if (card) {
    const length = chain.digits <= 19 && beginsLikeCard(chain) ? 'card' : 'digits';
    return { chain, kind: namedAfter(chain, terms) ?? length, reason: 'digit-run' };
  }
  const forced = words.some((word) => word.reason === 'hold-expired');
  if (forced) return { chain, kind: 'digits', reason: 'hold-expired' };
  if (chain.quantity || chain.digits < shortCodeDigits) return null;
  if (chain.name !== null) {
    // `... That is my credit card` says more than a name before it.
    const kind = chain.digits >= longCodeDigits ? namedAfter(chain, terms) : null;
    return kind === null ? null : { chain, kind, reason: 'named-later' };
  }
  const term = terms.find(
    ({ atMs, asks }) =>
      atMs >= chain.endMs &&
      (atMs - chain.endMs <= holdMs ? asks || chain.digits > shortCodeDigits : asks && chain.digits >= longCodeDigits),
  );
  return term ? { chain, kind: term.kind, reason: 'named-later' } : null;
}

/**
 * Codes and PINs must never be stored, not for a moment (PCI DSS 3.3): a number of their length that nothing names waits
 * for most of the hold. Not for all of it, because the end of the hold masks what then still waits, and whoever is
 * speaking at that moment is only known later.
 */
const codeHoldShare = 2 / 3;
const longestSpokenCode = 6;

export function mayBecomeCode(chain: Chain, until: HeardUntil, holdMs: number): boolean {
  return (
    chain.closed &&
    !until.over &&
    !chain.quantity &&
    chain.name === null &&
    chain.digits >= shortCodeDigits &&
    chain.digits <= longestSpokenCode &&
    until.decidedMs - chain.endMs <= holdMs * codeHoldShare
  );
}

/** The code asked for, unless what came is an amount or too long to be it. */
function fitting(asked: RedactionKind, chain: Chain): RedactionKind {
  return chain.quantity || (asked !== 'card' && chain.digits > longestCodeDigits) ? 'digits' : asked;
}

const longestCodeDigits = 8;
const namedWithinMs = 4000;

function namedAfter(chain: Chain, terms: readonly HeardTerm[]): RedactionKind | null {
  return terms.find(({ atMs }) => atMs >= chain.endMs && atMs - chain.endMs <= namedWithinMs)?.kind ?? null;
}

/** Ordinary words of all sides that may stand between two parts of one stretch. */
const talkWithin = 8;

export function stretchesOf(
  pieces: readonly StretchPiece[],
  words: readonly HeardWord[],
  terms: readonly HeardTerm[],
  until: HeardUntil,
): Stretch[] {
  const merged: StretchPiece[] = [];
  for (const { side, startMs, endMs, kind, reason } of pieces.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = merged.findLast((stretch) => stretch.kind === kind || kind === 'digits' || stretch.kind === 'digits');
    const gapMs = last ? startMs - last.endMs : Number.POSITIVE_INFINITY;
    const asked = terms.some(({ asks, atMs }) => asks && last !== undefined && atMs > last.endMs && atMs < startMs);
    if (last && !asked && gapMs <= pauseWithinMs && contentBetween(words, last.endMs, startMs) <= talkWithin) {
      merged[merged.indexOf(last)] = {
        ...last,
        kind: last.kind === 'digits' ? kind : last.kind,
        endMs: Math.max(last.endMs, endMs),
      };
    } else {
      merged.push({ startMs, endMs, kind, reason, side });
    }
  }
  return merged.map((stretch) => ({
    ...stretch,
    open:
      !until.over &&
      until.decidedMs - stretch.endMs <= pauseWithinMs &&
      contentBetween(words, stretch.endMs, until.decidedMs) <= talkWithin,
  }));
}

function contentBetween(words: readonly HeardWord[], fromMs: number, untilMs: number): number {
  return words.filter((word) => isTalk(word) && word.word.startMs >= fromMs && word.word.startMs < untilMs).length;
}
