import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SidetoneError } from '#lib/errors.ts';
import { otherSide, type TalkSide } from '#sip/types.ts';
import { createRedactor } from './redactor.ts';
import type { RedactorOutput } from './types.ts';

/**
 * What redaction costs ordinary talk: written dialogues, put through the redactor as if surely heard, and how much of
 * them it masks and how long it holds them. Judges over-masking alone; leaks are found by test/redaction.
 */

/** A line of `dialogues.jsonl`; turns of one `id` follow each other. `agent` is the callee, all else the caller. */
export interface WrittenTurn {
  readonly id: string;
  readonly role: string;
  readonly text: string;
}

export interface RedactionEvaluation {
  readonly corpus: string;
  /** `of-cards`: dialogues in which a card, code or PIN is spoken of. */
  readonly part: 'ordinary' | 'of-cards';
  readonly dialogues: number;
  readonly words: number;
  /** Stretches masked, and the words gone with them. */
  readonly masks: number;
  readonly maskedWords: number;
  readonly maskedPer1000Words: number;
  /** From the end of a turn to its release, ms of the call: share of turns at once (within 1 s), and percentiles. */
  readonly atOnceShare: number;
  readonly delayP95Ms: number;
  readonly delayMaxMs: number;
  readonly delayMeanMs: number;
}

/** Pace of the dialogues: two and a half words a second, as people talk on the telephone. */
const wordMs = 400;
const turnGapMs = 700;
const progressEveryMs = 500;
const atOnceMs = 1000;

/**
 * `dir` holds `dialogues.jsonl`, or folders that do.
 * @throws SidetoneError `not-found` when there is none
 */
export function evaluateRedaction(dir: string, holdMs: number): RedactionEvaluation[] {
  const folders = corporaIn(dir);
  if (folders.length === 0) throw new SidetoneError('not-found', `there is no dialogues.jsonl in ${dir}`);
  return folders.flatMap((folder) => evaluateCorpus(basename(folder), readDialogues(folder), holdMs));
}

export function evaluateCorpus(
  corpus: string,
  dialogues: readonly (readonly WrittenTurn[])[],
  holdMs: number,
): RedactionEvaluation[] {
  return (['ordinary', 'of-cards'] as const).flatMap((part) => {
    const of = dialogues.filter((turns) => speaksOfCards(turns) === (part === 'of-cards'));
    return of.length === 0 ? [] : [sumUp(corpus, part, of, holdMs)];
  });
}

function sumUp(
  corpus: string,
  part: RedactionEvaluation['part'],
  dialogues: readonly (readonly WrittenTurn[])[],
  holdMs: number,
): RedactionEvaluation {
  const talks = dialogues.map((turns) => redactDialogue(turns, holdMs));
  const sum = (of: (talk: Talk) => number): number => talks.reduce((total, talk) => total + of(talk), 0);
  const delaysMs = talks.flatMap((talk) => talk.delaysMs).sort((a, b) => a - b);
  const words = sum((talk) => talk.words);
  const masks = sum((talk) => talk.masks);
  const maskedWords = words - sum((talk) => talk.keptWords);
  return {
    corpus,
    part,
    dialogues: dialogues.length,
    words,
    masks,
    maskedWords,
    maskedPer1000Words: (1000 * maskedWords) / Math.max(1, words),
    atOnceShare: delaysMs.filter((ms) => ms <= atOnceMs).length / Math.max(1, delaysMs.length),
    delayP95Ms: delaysMs[Math.ceil(delaysMs.length * 0.95) - 1] ?? 0,
    delayMaxMs: delaysMs.at(-1) ?? 0,
    delayMeanMs: delaysMs.reduce((total, ms) => total + ms, 0) / Math.max(1, delaysMs.length),
  };
}

interface Talk {
  readonly words: number;
  readonly keptWords: number;
  readonly masks: number;
  readonly delaysMs: readonly number[];
}

function redactDialogue(turns: readonly WrittenTurn[], holdMs: number): Talk {
  const redactor = createRedactor({ holdMs });
  const texts = new Map<string, string>();
  const delaysMs: number[] = [];
  let nowMs = 0;
  let words = 0;
  const take = ({ released, late }: RedactorOutput): void => {
    for (const { segmentId, text, endMs } of released) {
      texts.set(segmentId, text);
      delaysMs.push(nowMs - endMs);
    }
    for (const { segmentId, text } of late) texts.set(segmentId, text);
  };
  const goOn = (untilMs: number, speaking: TalkSide | null, decidedMs: number): void => {
    while (nowMs < untilMs) {
      nowMs = Math.min(nowMs + progressEveryMs, untilMs);
      for (const side of ['caller', 'callee'] as const) {
        take(
          redactor.heard({
            type: 'progress',
            callId: 'written',
            side,
            decidedMs: side === speaking ? decidedMs : nowMs,
            heardMs: nowMs,
          }),
        );
      }
    }
  };
  for (const [index, turn] of turns.entries()) {
    const side: TalkSide = turn.role === 'agent' ? otherSide('caller') : 'caller';
    const said = turn.text.split(/\s+/).filter((word) => word !== '');
    if (said.length === 0) continue;
    goOn(nowMs + turnGapMs, null, 0);
    const startMs = nowMs;
    goOn(startMs + said.length * wordMs, side, startMs);
    words += said.length;
    take(
      redactor.heard({
        type: 'final',
        callId: 'written',
        side,
        segmentId: String(index),
        startMs,
        endMs: nowMs,
        text: said.join(' '),
        words: said.map((text, at) => ({
          text,
          startMs: startMs + at * wordMs,
          endMs: startMs + (at + 1) * wordMs - 20,
          confidence: 0.95,
        })),
        confidence: 0.95,
        language: 'en',
      }),
    );
  }
  goOn(nowMs + turnGapMs, null, 0);
  for (const side of ['caller', 'callee'] as const) {
    take(redactor.heard({ type: 'finished', callId: 'written', side, endMs: nowMs }));
  }
  take(redactor.finish());
  const kept = [...texts.values()].flatMap((text) => text.split(' '));
  const masks = kept.filter((word) => mask.test(word)).length;
  return { words, keptWords: kept.length - masks, masks, delaysMs };
}

const mask = /\[[A-Z]+\]/;

/** A reader's words for cards, not the redactor's: what it takes for one by mistake has to count as ordinary. */
const ofCards =
  /\b(?:cards?|credit|debit|visa|mastercard|amex|pins?|pin ?codes?|passcode|cvv|cvc|security (?:code|number)|expiry|expiration)\b/i;

function speaksOfCards(turns: readonly WrittenTurn[]): boolean {
  return turns.some(({ text }) => ofCards.test(text));
}

function corporaIn(dir: string): string[] {
  const holds = (folder: string): boolean => readdirSync(folder).includes('dialogues.jsonl');
  if (holds(dir)) return [dir];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(dir, name))
    .filter(holds)
    .sort();
}

function readDialogues(folder: string): WrittenTurn[][] {
  const dialogues = new Map<string, WrittenTurn[]>();
  for (const line of readFileSync(join(folder, 'dialogues.jsonl'), 'utf8').split('\n')) {
    if (line === '') continue;
    const turn = JSON.parse(line) as WrittenTurn;
    dialogues.set(turn.id, [...(dialogues.get(turn.id) ?? []), turn]);
  }
  return [...dialogues.values()];
}
