import type { Utterance } from '#analytics/types.ts';
import { spokenForms } from '#lib/spoken/forms.ts';
import type { Highlight } from '../types.ts';

/** A word as it is written, and as it was said or would be. */
interface SpokenWord {
  readonly text: string;
  readonly spoken: string;
}

function spokenWords({ words }: Pick<Utterance, 'words'>): readonly SpokenWord[] {
  return words.map(({ text, spoken }) => ({
    text,
    spoken: spoken ?? (/\d/.test(text) ? spokenForms(text)[0] : text) ?? text,
  }));
}

/**
 * What was said, beside the text in the index, so that either finds it: "four thirty" where "4:30" is written, be it by
 * us or by the recogniser. Null where nothing is written otherwise, and where the words are not those of the text.
 */
export function spokenTextOf(utterance: Pick<Utterance, 'text' | 'words'>): string | null {
  const words = spokenWords(utterance);
  if (words.map(({ text }) => text).join(' ') !== utterance.text) return null;
  const spoken = words.map((word) => word.spoken).join(' ');
  return spoken === utterance.text ? null : spoken;
}

/** Ranges of the spoken text as ranges of the text: a word that is written otherwise is one piece. */
export function rangesInText(utterance: Pick<Utterance, 'words'>, ranges: readonly Highlight[]): readonly Highlight[] {
  let [inText, inSpoken] = [0, 0];
  return spokenWords(utterance).flatMap(({ text, spoken }) => {
    const [textStart, spokenStart] = [inText, inSpoken];
    inText += text.length + 1;
    inSpoken += spoken.length + 1;
    const own = ranges.filter((range) => range.startChar < inSpoken - 1 && range.endChar > spokenStart);
    if (own.length === 0) return [];
    if (text !== spoken) return [{ startChar: textStart, endChar: textStart + text.length }];
    const shift = textStart - spokenStart;
    return own.map(({ startChar, endChar }) => ({
      startChar: Math.max(startChar, spokenStart) + shift,
      endChar: Math.min(endChar, spokenStart + spoken.length) + shift,
    }));
  });
}
