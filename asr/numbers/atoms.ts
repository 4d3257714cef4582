import type { WrittenKind } from '../types.ts';

/** The smallest thing that is read: a word, or a part of one with a hyphen (`twenty-five` is two). */
export interface Atom {
  /** Lower case, without punctuation around it; `a.m` is `am`. */
  readonly text: string;
  /** The same as the recogniser wrote it. */
  readonly raw: string;
  /** Index of its word. */
  readonly word: number;
  /** First and last of its word: a span begins and ends with words. */
  readonly opens: boolean;
  readonly closes: boolean;
  /** Punctuation before the word, on its first atom, and after it, on its last. */
  readonly lead: string;
  readonly trail: string;
}

/** What is read from an atom on. */
export interface Match {
  /** The atom after it. */
  readonly to: number;
  readonly text: string;
  readonly kind: WrittenKind;
}

/** Atoms with no punctuation between them, and what was said around them. */
export interface Clause {
  readonly atoms: readonly Atom[];
  /** The atoms before the clause in the same final, nearest last. */
  readonly before: readonly Atom[];
  /** The clause is all that was said. */
  readonly isWhole: boolean;
}

export type Matcher = (clause: Clause, from: number) => Match | undefined;

const edges = /^(?<lead>[^\p{L}\p{N}$£€¥+#]*)(?<core>.*?)(?<trail>[^\p{L}\p{N}%°]*)$/su;

export function atomsOf(words: readonly { readonly text: string }[]): Atom[] {
  return words.flatMap(({ text }, word) => {
    const { lead = '', core = '', trail = '' } = edges.exec(text.trim())?.groups ?? {};
    const dotted = /^(?:\p{L}\.)+\p{L}$/u.test(core);
    const parts = dotted ? [core.replaceAll('.', '')] : hyphenated(core);
    return parts.map((raw, index): Atom => {
      const [opens, closes] = [index === 0, index === parts.length - 1];
      return {
        text: raw.toLowerCase().replaceAll('’', "'"),
        raw,
        word,
        opens,
        closes,
        lead: opens ? lead : '',
        // The dot after `p.m` belongs to it.
        trail: !closes ? '' : dotted ? trail.replace('.', '') : trail,
      };
    });
  });
}

/** Parts of letters only: `555-1212` and `mother-in-law's` say enough as they stand. */
function hyphenated(core: string): string[] {
  return /^\p{L}+(?:-\p{L}+)+$/u.test(core) ? core.split('-') : [core];
}

/** Cut where punctuation stands, but for commas between the single digits of a longer row: `4, 1, 1, 7`. */
export function clausesOf(atoms: readonly Atom[]): Clause[] {
  const clauses: Clause[] = [];
  let from = 0;
  for (let index = 1; index <= atoms.length; index++) {
    const [last, next] = [atoms[index - 1], atoms[index]];
    const joined = next !== undefined && last?.trail === '' && next.lead === '';
    if (joined || (next !== undefined && isDictated(atoms, index))) continue;
    const own = atoms.slice(from, index);
    clauses.push({ atoms: own, before: atoms.slice(0, from), isWhole: own.length === atoms.length });
    from = index;
  }
  return clauses;
}

const digit = /^(?:\d|zero|oh|one|two|three|four|five|six|seven|eight|nine)$/;
/** Counting to three is not dictating. */
const leastDictated = 4;

function isDictated(atoms: readonly Atom[], index: number): boolean {
  const isDigit = (at: number): boolean => digit.test(atoms[at]?.text ?? '');
  const runsOn = (at: number): boolean => {
    const [one, other] = [atoms[at - 1], atoms[at]];
    return one !== undefined && other !== undefined && /^,?$/.test(one.trail) && other.lead === '';
  };
  if (!isDigit(index - 1) || !isDigit(index) || !runsOn(index)) return false;
  let [first, last] = [index - 1, index];
  while (isDigit(first - 1) && runsOn(first)) first--;
  while (isDigit(last + 1) && runsOn(last + 1)) last++;
  return last - first + 1 >= leastDictated;
}

export function textAt({ atoms }: Clause, index: number): string {
  return atoms[index]?.text ?? '';
}

/** The `count` words said before the atom, nearest last, across punctuation. */
export function wordsBefore({ atoms, before }: Clause, from: number, count: number): string[] {
  return [...before.slice(-count), ...atoms.slice(0, from)].slice(-count).map(({ text }) => text);
}

/** Nothing else was said. */
export function isAll(clause: Clause, from: number, to: number): boolean {
  return clause.isWhole && from === 0 && to === clause.atoms.length;
}
