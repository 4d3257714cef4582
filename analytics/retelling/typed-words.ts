import type { Word } from '#asr/types.ts';
import { SidetoneError } from '#lib/errors.ts';
import { maskIn } from '../redaction/mask-names.ts';
import type { Utterance, WordCorrection } from '../types.ts';
import { alignTexts, bareWord, type Piece } from './align-texts.ts';

export interface Typed {
  readonly words: readonly Word[];
  readonly learnt: readonly WordCorrection[];
}

/**
 * What a person typed in place of an utterance's text, as words: those that stay keep their times and confidence, others
 * share the time of what they replace, by their letters, and are certain. What is masked stays, in its order.
 * @throws SidetoneError `bad-request`
 */
export function typedWords({ utteranceId, words, startMs, endMs }: Utterance, text: string): Typed {
  const next = text.split(/\s+/).filter((word) => word !== '');
  if (next.length === 0) throw new SidetoneError('bad-request', 'text: there is none');
  const masksOf = (texts: readonly string[]): string => texts.flatMap((each) => maskIn(each) ?? []).join(' ');
  const old = words.map((word) => word.text);
  if (masksOf(old) !== masksOf(next)) {
    throw new SidetoneError('bad-request', 'text: what is masked ([CARD], [DIGITS] ...) stays as it is, in its order');
  }
  const typed: Word[] = [];
  const learnt: WordCorrection[] = [];
  for (const piece of alignTexts(old, next)) {
    const before = words.slice(piece.old.from, piece.old.to);
    const after = next.slice(piece.new.from, piece.new.to);
    if (piece.same) typed.push(...before.map((word, index) => asTyped(word, after[index] ?? word.text)));
    else {
      const from = before[0]?.startMs ?? typed.at(-1)?.endMs ?? startMs;
      const to = before.at(-1)?.endMs ?? words[piece.old.to]?.startMs ?? endMs;
      typed.push(...spread(after, from, Math.max(from, to), before[0]?.speaker));
      learnt.push(...termsOf(utteranceId, piece, old, next));
    }
  }
  return { words: typed, learnt };
}

function asTyped(word: Word, text: string): Word {
  if (word.text === text) return word;
  const { spoken: _spoken, ...rest } = word;
  return { ...rest, text };
}

function spread(texts: readonly string[], fromMs: number, toMs: number, speaker: string | undefined): Word[] {
  const letters = texts.reduce((sum, text) => sum + text.length, 0);
  let before = 0;
  return texts.map((text) => {
    const at = (count: number): number => Math.round(fromMs + ((toMs - fromMs) * count) / Math.max(1, letters));
    const startMs = at(before);
    before += text.length;
    const said = { text, startMs, endMs: at(before), confidence: 1 };
    return speaker === undefined ? said : { ...said, speaker };
  });
}

/** Longer ones are other sentences, not names and terms. */
const mostWords = 4;
/** Nobody needs to list these: what the recogniser makes of them is no matter of vocabulary. */
const common = new Set(
  (
    'a about after all also am an and any are as at be been but by can did do does for from get got had has have he her ' +
    'here him his how i if in is it its just like me my no not now of off oh okay on one or our out right she so some ' +
    'than that the their them then there they this to too two up us was we well were what when where which who will ' +
    'with would yeah yes you your'
  ).split(' '),
);

/** What may be a name or term that the recogniser does not know: never anything with digits or masks in it. */
function termsOf(
  utteranceId: string,
  piece: Piece,
  old: readonly string[],
  next: readonly string[],
): readonly WordCorrection[] {
  const heard = old.slice(piece.old.from, piece.old.to);
  const corrected = next.slice(piece.new.from, piece.new.to);
  const isPhrase = (texts: readonly string[]): boolean =>
    texts.length > 0 && texts.length <= mostWords && !texts.some((text) => /\p{N}/u.test(text) || maskIn(text));
  if (!isPhrase(heard) || !isPhrase(corrected)) return [];
  if (corrected.every((text) => common.has(bareWord(text)) || bareWord(text).length < 2)) return [];
  return [{ utteranceId, heard: heard.map(bareWord).join(' '), corrected: trimmed(corrected.join(' ')) }];
}

/** Without the punctuation of the sentence around it. */
function trimmed(text: string): string {
  return text.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
}
