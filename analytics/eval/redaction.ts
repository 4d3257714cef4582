import { otherSide, talkSides, type TalkSide } from '#sip/types.ts';
import { createRedactor } from '../redaction/redactor.ts';
import type { RedactorOutput } from '../redaction/types.ts';
import type { DialogueCorpus, WrittenTurn } from './dialogues.ts';

/**
 * What redaction costs: written dialogues, put through the redactor as if surely heard; how much of them it masks and
 * how long it holds them. It judges masks too many alone; what leaks is found by test/redaction.
 */
export interface RedactionCost {
  readonly corpus: string;
  /** `of-cards`: dialogues in which a card, a code or a PIN is spoken of. */
  readonly part: 'ordinary' | 'of-cards';
  readonly dialogues: number;
  readonly words: number;
  /** Stretches masked, and the words gone with them. */
  readonly masks: number;
  readonly maskedWords: number;
  readonly maskedPer1000Words: number;
  /** Of the turns, the share given out within a second of their end, and how long after it they are given out. */
  readonly atOnceShare: number;
  readonly delayMeanMs: number;
  readonly delayP95Ms: number;
  readonly delayMaxMs: number;
}

/** Two and a half words a second, as people talk on the telephone. */
const wordMs = 400;
const turnGapMs = 700;
const progressEveryMs = 500;
const atOnceMs = 1000;
const confidence = 0.95;
const mask = /\[[A-Z]+\]/;

export function evaluateRedaction(corpora: readonly DialogueCorpus[], holdMs: number): RedactionCost[] {
  return corpora.flatMap(({ name, dialogues }) =>
    (['ordinary', 'of-cards'] as const).flatMap((part) => {
      const of = dialogues.filter((turns) => speaksOfCards(turns) === (part === 'of-cards'));
      return of.length === 0 ? [] : [sumUp(name, part, of, holdMs)];
    }),
  );
}

/** A reader's words for cards, not the redactor's: what it takes for one by mistake has to count as ordinary. */
const ofCards =
  /\b(?:cards?|credit|debit|visa|mastercard|amex|pins?|pin ?codes?|passcode|cvv|cvc|security (?:code|number)|expiry|expiration)\b/i;

function speaksOfCards(turns: readonly WrittenTurn[]): boolean {
  return turns.some(({ text }) => ofCards.test(text));
}

function sumUp(
  corpus: string,
  part: RedactionCost['part'],
  dialogues: readonly (readonly WrittenTurn[])[],
  holdMs: number,
): RedactionCost {
  const talks = dialogues.map((turns) => new WrittenCall(holdMs).talk(turns));
  const sum = (of: (talk: Talk) => number): number => talks.reduce((total, talk) => total + of(talk), 0);
  const delaysMs = talks.flatMap((talk) => talk.delaysMs).sort((a, b) => a - b);
  const words = sum((talk) => talk.words);
  const maskedWords = words - sum((talk) => talk.keptWords);
  const turns = Math.max(1, delaysMs.length);
  return {
    corpus,
    part,
    dialogues: dialogues.length,
    words,
    masks: sum((talk) => talk.masks),
    maskedWords,
    maskedPer1000Words: (1000 * maskedWords) / Math.max(1, words),
    atOnceShare: delaysMs.filter((ms) => ms <= atOnceMs).length / turns,
    delayMeanMs: delaysMs.reduce((total, ms) => total + ms, 0) / turns,
    delayP95Ms: delaysMs[Math.ceil(delaysMs.length * 0.95) - 1] ?? 0,
    delayMaxMs: delaysMs.at(-1) ?? 0,
  };
}

interface Talk {
  readonly words: number;
  readonly keptWords: number;
  readonly masks: number;
  readonly delaysMs: readonly number[];
}

/** One dialogue as a recogniser that errs never would tell it. */
class WrittenCall {
  readonly #redactor;
  readonly #texts = new Map<string, string>();
  readonly #delaysMs: number[] = [];
  #nowMs = 0;
  #words = 0;

  constructor(holdMs: number) {
    this.#redactor = createRedactor({ holdMs, sides: talkSides });
  }

  talk(turns: readonly WrittenTurn[]): Talk {
    for (const [index, { role, text }] of turns.entries()) {
      const said = text.split(/\s+/).filter((word) => word !== '');
      if (said.length > 0) this.#say(role === 'agent' ? otherSide('caller') : 'caller', String(index), said);
    }
    this.#goOn(turnGapMs, null);
    for (const side of talkSides) {
      this.#take(this.#redactor.heard({ type: 'finished', callId: 'written', side, endMs: this.#nowMs }));
    }
    this.#take(this.#redactor.finish());
    const shown = [...this.#texts.values()].flatMap((text) => text.split(' '));
    const masks = shown.filter((word) => mask.test(word)).length;
    return { words: this.#words, keptWords: shown.length - masks, masks, delaysMs: this.#delaysMs };
  }

  #say(side: TalkSide, segmentId: string, said: readonly string[]): void {
    this.#goOn(turnGapMs, null);
    const startMs = this.#nowMs;
    this.#goOn(said.length * wordMs, side);
    this.#words += said.length;
    const words = said.map((text, at) => {
      return { text, startMs: startMs + at * wordMs, endMs: startMs + (at + 1) * wordMs - 20, confidence };
    });
    const segment = { callId: 'written', side, segmentId, startMs, endMs: this.#nowMs, confidence, language: 'en' };
    this.#take(this.#redactor.heard({ type: 'final', ...segment, text: said.join(' '), words }));
  }

  /** Time passes; the side that speaks is decided up to where it began. */
  #goOn(lengthMs: number, speaking: TalkSide | null): void {
    const startMs = this.#nowMs;
    while (this.#nowMs < startMs + lengthMs) {
      this.#nowMs = Math.min(this.#nowMs + progressEveryMs, startMs + lengthMs);
      for (const side of talkSides) {
        const decidedMs = side === speaking ? startMs : this.#nowMs;
        const heardMs = this.#nowMs;
        this.#take(this.#redactor.heard({ type: 'progress', callId: 'written', side, decidedMs, heardMs }));
      }
    }
  }

  #take({ released, late }: RedactorOutput): void {
    for (const { endMs } of released) this.#delaysMs.push(this.#nowMs - endMs);
    for (const { segmentId, text } of [...released, ...late]) this.#texts.set(segmentId, text);
  }
}
