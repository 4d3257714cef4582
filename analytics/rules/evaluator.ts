import { newId } from '#lib/ids.ts';
import type { Word } from '#asr/types.ts';
import type { ChannelSide } from '#sip/types.ts';
import type { Finding, Utterance } from '../types.ts';
import { tokensOf } from '../words.ts';
import { findPhrase } from './phrase.ts';
import type { Rule } from './schema.ts';

/** A phrase may run over from one utterance of a side into its next when no more than this lies between them. */
const joinMs = 2000;
/** Tokens of earlier utterances of a side that a phrase may still begin in. */
const tailTokens = 24;

interface Token {
  readonly token: string;
  /** The word it is (part of): `well-known` gives two tokens. */
  readonly source: Word;
  readonly startMs: number;
  readonly endMs: number;
  readonly utteranceId: string;
}

/**
 * The rules of one call, fed with its released utterances in the order of their release. Pure but for the finding ids.
 * Windows count from the answer; a `missing` rule speaks once, when its window is over for good or the call has ended.
 */
export class RuleEvaluator {
  readonly #callId: string;
  readonly #rules: readonly Rule[];
  readonly #tails = new Map<ChannelSide, readonly Token[]>();
  /** `missing` rules still to be judged. */
  #open: readonly Rule[];
  #answeredMs: number | null = null;
  /** Sides with a stream that is read; undefined until somebody says. */
  #heard: ReadonlySet<ChannelSide> | undefined;
  readonly #spoken = new Set<ChannelSide>();

  constructor(callId: string, rules: readonly Rule[]) {
    this.#callId = callId;
    this.#rules = rules;
    this.#open = rules.filter((rule) => rule.kind === 'missing');
  }

  /**
   * What there is to hear so far: a side of which nothing is heard is not accused of silence. Not told of any, it takes
   * the call to have every side, or one stream for all where nothing else has spoken.
   */
  hears(sides: Iterable<ChannelSide>): void {
    this.#heard = new Set([...(this.#heard ?? []), ...sides]);
  }

  /** From here on windows are known. Speech before the answer counts for rules without a window only. */
  answered(atMs: number): void {
    this.#answeredMs = atMs;
  }

  utterance(utterance: Utterance): readonly Finding[] {
    const { side } = utterance;
    this.#spoken.add(side);
    const fresh = tokensWithTimes(utterance);
    const before = this.#tails.get(side) ?? [];
    const last = before.at(-1);
    const tail = last !== undefined && utterance.startMs - last.endMs <= joinMs ? before : [];
    const tokens = [...tail, ...fresh];
    this.#tails.set(side, tokens.slice(-tailTokens));
    const findings: Finding[] = [];
    for (const rule of this.#rules) {
      if (!mayHaveSaid(rule.side, side)) continue;
      const matches = this.#matches(rule, tokens, tail.length);
      if (matches.length === 0) continue;
      if (rule.kind === 'missing') this.#open = this.#open.filter((open) => open !== rule);
      else for (const match of matches) findings.push(this.#said(rule, side, match));
    }
    return findings;
  }

  /** Everything before `decidedMs` is known on all sides: `missing` rules whose window has passed speak now. */
  passed(decidedMs: number): readonly Finding[] {
    const answeredMs = this.#answeredMs;
    if (answeredMs === null) return [];
    const over = this.#open.filter(
      (rule) => rule.withinMs !== null && decidedMs >= answeredMs + Math.max(rule.withinMs, rule.minCallMs),
    );
    return this.#missing(over, answeredMs, (rule) => answeredMs + (rule.withinMs ?? 0));
  }

  /** The call is over; one that was never answered is not judged. */
  ended(endMs: number): readonly Finding[] {
    const answeredMs = this.#answeredMs;
    if (answeredMs === null) return [];
    const judged = this.#open.filter((rule) => endMs - answeredMs >= rule.minCallMs);
    return this.#missing(judged, answeredMs, (rule) => Math.min(endMs, answeredMs + (rule.withinMs ?? Infinity)));
  }

  #matches(rule: Rule, tokens: readonly Token[], known: number): readonly (readonly Token[])[] {
    const texts = tokens.map(({ token }) => token);
    return rule.phrases
      .flatMap((phrase) => findPhrase(phrase, texts))
      .filter(({ last }) => last >= known)
      .map(({ first, last }) => tokens.slice(first, last + 1))
      .filter((match) => this.#inWindow(rule, match[0]?.startMs ?? 0))
      .filter((match, index, all) => !all.slice(0, index).some((earlier) => overlap(earlier, match)));
  }

  #inWindow(rule: Rule, startMs: number): boolean {
    if (rule.withinMs === null) return true;
    return this.#answeredMs !== null && startMs >= this.#answeredMs && startMs <= this.#answeredMs + rule.withinMs;
  }

  #said(rule: Rule, side: ChannelSide, match: readonly Token[]): Finding {
    return {
      findingId: newId(),
      callId: this.#callId,
      ruleId: rule.id,
      title: rule.title,
      severity: rule.severity,
      kind: 'said',
      side,
      startMs: match[0]?.startMs ?? 0,
      endMs: match.at(-1)?.endMs ?? 0,
      evidence: match
        .filter(({ source }, index) => source !== match[index - 1]?.source)
        .map(({ source }) => source.text)
        .join(' ')
        .replace(/[.,;:]+$/, ''),
      utteranceIds: [...new Set(match.map(({ utteranceId }) => utteranceId))],
    };
  }

  #missing(rules: readonly Rule[], answeredMs: number, endOf: (rule: Rule) => number): readonly Finding[] {
    this.#open = this.#open.filter((rule) => !rules.includes(rule));
    return rules
      .filter((rule) => this.#isHeard(rule))
      .map((rule) => ({
        findingId: newId(),
        callId: this.#callId,
        ruleId: rule.id,
        title: rule.title,
        severity: rule.severity,
        kind: 'missing',
        side: this.#silentSide(rule),
        startMs: answeredMs,
        endMs: endOf(rule),
        evidence: '',
        utteranceIds: [],
      }));
  }

  #isHeard(rule: Rule): boolean {
    return this.#heard === undefined || [...this.#heard].some((side) => mayHaveSaid(rule.side, side));
  }

  /** In a stream that carries everybody nobody said it: whose part it was is not known there. */
  #silentSide({ side }: Rule): ChannelSide | null {
    if (side === 'any') return null;
    const sides = this.#heard ?? this.#spoken;
    return !sides.has(side) && sides.has('mixed') && (this.#heard !== undefined || sides.size === 1) ? 'mixed' : side;
  }
}

/** In a stream that carries everybody it may have been anybody. */
export function mayHaveSaid(wanted: Rule['side'], side: ChannelSide): boolean {
  return wanted === 'any' || wanted === side || side === 'mixed';
}

/** Two phrases of one rule that match the same words are one finding. */
function overlap(a: readonly Token[], b: readonly Token[]): boolean {
  return a.some((token) => b.includes(token));
}

function tokensWithTimes(utterance: Utterance): readonly Token[] {
  return utterance.words.flatMap((source) =>
    tokensOf(source.spoken ?? source.text).map((token) => ({
      token,
      source,
      startMs: source.startMs,
      endMs: source.endMs,
      utteranceId: utterance.utteranceId,
    })),
  );
}
