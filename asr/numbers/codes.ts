import { textAt, type Clause, type Match } from './atoms.ts';
import { isScale, readCardinal } from './cardinals.ts';
import { readDigitRun } from './digit-runs.ts';

/** Spelled letters and letters with digits: `JONES`, `AB123`, `5G`. In capitals, as they stand on a card or a label. */
export function readCode(clause: Clause, from: number): Match | undefined {
  let [to, text, letters, figures] = [from, '', 0, 0];
  for (;;) {
    const word = textAt(clause, to);
    if (/^[a-z]$/.test(word) && !(word === 'o' && /\d$/.test(text))) {
      text += word.toUpperCase();
      letters++;
      to++;
      continue;
    }
    const run = readGroup(clause, to);
    if (run === undefined) break;
    text += run.digits;
    figures++;
    to = run.to;
  }
  const kept = withoutArticles(clause, from, to);
  if (kept === undefined) return undefined;
  if (kept.to !== to) return readCode({ ...clause, atoms: clause.atoms.slice(0, kept.to) }, from);
  if (figures === 0) return letters > 2 || pairs.has(text) ? { to, text, kind: 'letters' } : undefined;
  // Degrees: "75 F".
  return letters === 0 || /^\d+[FC]$/.test(text) ? undefined : { to, text, kind: 'code' };
}

const pairs = new Set(['TV', 'ID', 'US', 'UK', 'PC', 'HR', 'IT', 'VP', 'QR']);

/**
 * "A" and "I" are words more often than letters: at the ends of a code they are taken for such, unless two more letters
 * stand beside them.
 */
function withoutArticles(clause: Clause, from: number, to: number): { readonly to: number } | undefined {
  const isLetter = (at: number): boolean => at >= from && at < to && /^[a-z]$/.test(textAt(clause, at));
  if (/^[ai]$/.test(textAt(clause, from))) {
    const spelled = isLetter(from + 1) && (isLetter(from + 2) ? isLetter(from + 3) : to > from + 2);
    const mixed =
      to > from + 3 && clause.atoms.slice(from + 1, to - 1).some((_atom, index) => isLetter(from + 1 + index));
    if (!spelled && !mixed) return undefined;
  }
  const last = to - 1;
  if (last > from && /^[aiu]$/.test(textAt(clause, last)) && !(isLetter(last - 1) && isLetter(last - 2)))
    return { to: last };
  return { to };
}

/** Digits of a code, or one number in it: "x three eighty six", "a ten eighty p". */
function readGroup(clause: Clause, from: number) {
  const number = readCardinal(clause, from);
  if (number !== undefined && clause.atoms.slice(from, number.to).some(({ text }) => isScale(text)))
    return { to: number.to, digits: String(number.value) };
  return readDigitRun(clause, from);
}
