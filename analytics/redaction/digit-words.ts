/**
 * How spoken and written digits read. Pure. A token is one word as the recogniser shows it (`Four,`, `41-11`, `$45`,
 * `twenty-one`); atoms are what it says in digits; readings are all digit strings that a row of atoms may stand for.
 */

export type Atom =
  /** One to many digits: `4`, `14`, `4111`. `tens` may merge with a unit after it (`40` + `1` = `41` or `401`). */
  | { readonly type: 'digits'; readonly digits: string; readonly tens: boolean }
  /** `double`, `triple`: says the next atom again. */
  | { readonly type: 'times'; readonly times: number }
  /** `hundred`, `thousand`. */
  | { readonly type: 'scale'; readonly zeros: number };

type TokenKind =
  | 'word'
  /** Sounds like a digit and is a common word: for, to, won, ate, oh. */
  | 'homophone'
  | 'number';

export interface TokenReading {
  readonly kind: TokenKind;
  /** Lower case, without punctuation at the ends and without dots inside letters: `c.v.v.` is `cvv`. */
  readonly norm: string;
  readonly atoms: readonly Atom[];
  /** Digits that it adds to a run, as near as one can say. */
  readonly digits: number;
  /** Written as an amount, a time, a share or an ordinal: `$45`, `4:30`, `50%`, `21st`. */
  readonly quantity: boolean;
}

const units = 'zero one two three four five six seven eight nine'.split(' ');
const teens = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const ordinals =
  'third:3 fourth:4 fifth:5 sixth:6 seventh:7 eighth:8 ninth:9 tenth:10 eleventh:11 twelfth:12 thirteenth:13 ' +
  'fourteenth:14 fifteenth:15 sixteenth:16 seventeenth:17 eighteenth:18 nineteenth:19 twentieth:20 thirtieth:30';
const variants = 'nought:0 naught:0 nil:0 niner:9 fife:5 fourty:40 fower:4 sevens:7 zeros:0 zeroes:0 oh’s:0 sixes:6';
const homophoneDigits =
  'oh:0 o:0 owe:0 ow:0 ohs:0 won:1 wan:1 to:2 too:2 tu:2 tow:2 tree:3 free:3 for:4 fore:4 fort:4 hive:5 sex:6 sics:6 ' +
  'sick:6 sicks:6 ate:8 ait:8 eights:8 nein:9 nigh:9';

const numberAtoms = new Map<string, Atom>();
const homophoneAtoms = new Map<string, Atom>();
function digitsAtom(digits: string, isTens = false): Atom {
  return { type: 'digits', digits, tens: isTens };
}
units.forEach((word, value) => {
  numberAtoms.set(word, digitsAtom(String(value)));
  if (word !== 'eight') numberAtoms.set(`${word}s`, digitsAtom(String(value)));
});
teens.forEach((word, index) => numberAtoms.set(word, digitsAtom(String(index + 10))));
tens.forEach((word, index) => {
  numberAtoms.set(word, digitsAtom(String((index + 2) * 10), true));
  numberAtoms.set(`${word.slice(0, -1)}ies`, digitsAtom(String((index + 2) * 10), true));
});
for (const [table, pairs] of [
  [numberAtoms, variants],
  [homophoneAtoms, homophoneDigits],
] as const) {
  for (const pair of pairs.split(' ')) {
    const [word = '', digits = ''] = pair.split(':');
    table.set(word, digitsAtom(digits, digits.length === 2 && digits.endsWith('0')));
  }
}
const ordinalAtoms = new Map(
  ordinals.split(' ').map((pair) => {
    const [word = '', digits = ''] = pair.split(':');
    return [word, digitsAtom(digits)] as const;
  }),
);
for (const [word, times] of Object.entries({ double: 2, triple: 3, treble: 3, quadruple: 4, quad: 4 })) {
  numberAtoms.set(word, { type: 'times', times });
}
for (const [word, zeros] of Object.entries({ hundred: 2, hundreds: 2, thousand: 3, thousands: 3 })) {
  numberAtoms.set(word, { type: 'scale', zeros });
}

/** Number words written as one word: `twentyone`, `fourone`; longest first so that `seventeen` is not `seven`. */
const runTogether = [...numberAtoms.keys()].filter((word) => !word.endsWith('s') || word === 'six');
runTogether.sort((a, b) => b.length - a.length);

function splitTogether(word: string): Atom[] | null {
  if (word === '') return [];
  for (const part of runTogether) {
    if (!word.startsWith(part)) continue;
    const rest = splitTogether(word.slice(part.length));
    const atom = numberAtoms.get(part);
    if (rest && atom) return [atom, ...rest];
  }
  return null;
}

function wordAtoms(norm: string): Atom[] | null {
  const atoms: Atom[] = [];
  for (const part of norm.split(/[-‐–—/]+/)) {
    const known = numberAtoms.get(part);
    if (known) atoms.push(known);
    else if (part === 'oh' || part === 'o') atoms.push(digitsAtom('0'));
    else {
      const together = part.length > 5 ? splitTogether(part) : null;
      if (!together || together.length < 2) return null;
      atoms.push(...together);
    }
  }
  return atoms;
}

/** `three-five-feminine`: two digits and more in what the recogniser took for one word. */
function partlyAtoms(word: string): Atom[] | null {
  const atoms = word.split('-').flatMap((part) => numberAtoms.get(part) ?? []);
  return atoms.length >= 2 ? atoms : null;
}

export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/^[^\p{L}\p{N}$£€#+]+|[^\p{L}\p{N}%]+$/gu, '')
    .replace(/(?<=\p{L})\.(?=\p{L})/gu, '');
}

const written =
  /^[$£€]|%$|^\d{1,2}:\d\d(?:[ap]m)?$|^\d{1,2}[ap]m$|\d(?:st|nd|rd|th)$|^\d+\/\d+(?:\/\d+)?$|^\d+\.\d\d?$/;

export function readToken(text: string): TokenReading {
  const norm = normalise(text);
  const found = (kind: TokenKind, atoms: readonly Atom[], quantity = false): TokenReading => ({
    kind,
    norm,
    atoms,
    digits: countDigits(atoms),
    quantity,
  });
  if (/\p{N}/u.test(norm)) {
    const digits = norm.replace(/\D/g, '');
    return found('number', [digitsAtom(digits)], written.test(norm));
  }
  const bare = norm.replace(/'s?$/, '');
  const ordinal = ordinalAtoms.get(bare);
  if (ordinal) return found('number', [ordinal], true);
  const homophone = homophoneAtoms.get(bare);
  if (homophone) return found('homophone', [homophone]);
  const atoms = bare === '' ? null : wordAtoms(bare);
  if (atoms) return found('number', atoms);
  const parts = partlyAtoms(bare);
  if (parts) return found('number', parts);
  // twenty-first
  const last = bare.includes('-') ? ordinalAtoms.get(bare.slice(bare.lastIndexOf('-') + 1)) : undefined;
  const head = last ? wordAtoms(bare.slice(0, bare.lastIndexOf('-'))) : null;
  return last && head ? found('number', [...head, last], true) : found('word', []);
}

/** The digits that most listeners would write for these atoms. */
export function countDigits(atoms: readonly Atom[]): number {
  let count = 0;
  let times = 1;
  let afterTens = false;
  for (const atom of atoms) {
    if (atom.type === 'times') times = atom.times;
    else if (atom.type === 'scale') count += atom.zeros;
    else {
      const merges: boolean = afterTens && atom.digits.length === 1 && times === 1;
      count += merges ? 0 : atom.digits.length * times;
      afterTens = atom.tens && !merges;
      times = 1;
    }
  }
  return count;
}

const maxReadings = 64;

/** Every digit string that the atoms may stand for; at most 64, the likeliest first. */
export function readings(atoms: readonly Atom[]): string[] {
  let heads: string[] = [''];
  let times = 1;
  let previous: Atom | null = null;
  for (const atom of atoms) {
    if (atom.type === 'times') {
      times = atom.times;
      previous = atom;
      continue;
    }
    const next: string[] = [];
    for (const head of heads) {
      if (atom.type === 'scale') {
        next.push(head + '0'.repeat(atom.zeros), head);
        continue;
      }
      const afterTens = previous?.type === 'digits' && previous.tens && /^[1-9]$/.test(atom.digits);
      if (afterTens && times === 1) next.push(head.slice(0, -1) + atom.digits);
      const zeros = previous?.type === 'scale' ? previous.zeros : 0;
      if (zeros >= atom.digits.length && head.endsWith('0'.repeat(zeros))) {
        next.push(head.slice(0, -atom.digits.length) + atom.digits);
      }
      next.push(head + atom.digits.repeat(times));
    }
    heads = [...new Set(next)].slice(0, maxReadings);
    times = 1;
    previous = atom;
  }
  return heads;
}
