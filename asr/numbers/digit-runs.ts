import { isAll, textAt, wordsBefore, type Clause, type Match } from './atoms.ts';
import { digitValue, readCardinal, smallValue } from './cardinals.ts';

/** Digits said one by one or in groups: `oh`, `double`, `triple`, `twenty three`, `eight hundred` among them. */
export interface DigitRun {
  readonly to: number;
  readonly digits: string;
  /** How many times somebody said a digit or a group. */
  readonly parts: number;
  /** Of these, single digits (doubled ones too). */
  readonly singles: number;
  readonly hasTimes: boolean;
}

const times = new Map([
  ['double', 2],
  ['triple', 3],
  ['treble', 3],
]);

export function readDigitRun(clause: Clause, from: number): DigitRun | undefined {
  let [to, digits, parts, singles, hasTimes] = [from, '', 0, 0, false];
  for (;;) {
    const word = textAt(clause, to);
    const again = times.get(word);
    const digit = again === undefined ? zeroOr(clause, to, from) : anyDigit(textAt(clause, to + 1));
    if (again !== undefined) {
      if (digit === undefined) break;
      digits += String(digit).repeat(again);
      to += 2;
      singles++;
      hasTimes = true;
    } else if (digit !== undefined) {
      const hundred = digit > 0 && textAt(clause, to + 1) === 'hundred';
      digits += hundred ? `${digit}00` : String(digit);
      to += hundred ? 2 : 1;
      singles++;
    } else if (/^\d{2,}$/.test(word)) {
      digits += word;
      to++;
    } else {
      const group = (smallValue(word) ?? 0) >= 10 ? readTwo(clause, to) : undefined;
      if (group === undefined) break;
      digits += group.digits;
      to = group.to;
    }
    parts++;
  }
  return parts === 0 ? undefined : { to, digits, parts, singles, hasTimes };
}

function readTwo(clause: Clause, from: number) {
  const number = readCardinal({ ...clause, atoms: clause.atoms.slice(0, from + 2) }, from);
  return number === undefined || number.value > 99n ? undefined : { to: number.to, digits: String(number.value) };
}

function anyDigit(word: string): number | undefined {
  return word === 'o' || word === 'oh' ? 0 : digitValue(word);
}

/** "oh" is a zero after a digit, and before one. */
function zeroOr(clause: Clause, at: number, from: number): number | undefined {
  const word = textAt(clause, at);
  if (word !== 'o' && word !== 'oh') return digitValue(word);
  const next = textAt(clause, at + 1);
  const goesOn = anyDigit(next) !== undefined || times.has(next) || (smallValue(next) ?? 0) >= 10;
  return at > from || goesOn ? 0 : undefined;
}

const identifiers =
  /^(?:order|account|reference|tracking|confirmation|case|ticket|policy|member|membership|invoice|id|routing|serial|code|zip|pin|card|booking|claim|model|part|customer)$/;
const telephones = /^(?:phone|telephone|mobile|cell|call|dial|fax|callback|reach)$/;

/** Rows of three digits and more. */
export function readDigits(clause: Clause, from: number): Match | undefined {
  const dotted = readDotted(clause, from);
  if (dotted !== undefined) return dotted;
  const plus = textAt(clause, from) === 'plus';
  const run = readDigitRun(clause, plus ? from + 1 : from);
  if (run === undefined) return undefined;
  const { to, digits } = run;
  const context = wordsBefore(clause, from, 8);
  if (plus) return digits.length > 10 && run.singles > 7 ? telephone(to, international(digits)) : undefined;
  if (!isDictated(clause, from, run)) return undefined;
  if (digits.length === 9 && context.some((word) => word === 'ssn' || word === 'social'))
    return { to, text: grouped(digits, [3, 2, 4]), kind: 'digits' };
  const isCall = context.some((word) => telephones.test(word));
  if (!isCall && context.some((word) => identifiers.test(word))) return { to, text: digits, kind: 'digits' };
  if (digits.length === 10) return telephone(to, grouped(digits, [3, 3, 4]));
  if (digits.length === 11 && !digits.startsWith('0'))
    return telephone(to, `${digits.slice(0, 1)} ${grouped(digits.slice(1), [3, 3, 4])}`);
  if (digits.length === 7 && isCall) return telephone(to, grouped(digits, [3, 4]));
  return { to, text: digits, kind: 'digits' };
}

function isDictated(clause: Clause, from: number, { to, parts, singles, digits, hasTimes }: DigitRun): boolean {
  if (parts === 1) return hasTimes && (isAll(clause, from, to) || digits.startsWith('00'));
  const words = clause.atoms.slice(from, to);
  // Figures side by side that the recogniser has set apart already: "5 10 15".
  if (words.every(({ text }) => /^\d{2,}$/.test(text))) return false;
  if (hasTimes && parts >= 2) return true;
  if (words[0]?.text !== 'oh' && words[0]?.text !== 'o' && words.some(({ text }) => text === 'oh' || text === 'o'))
    return parts >= 3;
  return parts >= 3 && singles >= 2;
}

function telephone(to: number, text: string): Match {
  return { to, text, kind: 'telephone' };
}

function international(digits: string): string {
  return `+${digits.slice(0, -10)} ${grouped(digits.slice(-10), [3, 3, 4])}`;
}

function grouped(digits: string, sizes: readonly number[]): string {
  let at = 0;
  return sizes.map((size) => digits.slice(at, (at += size))).join('-');
}

/** An address of four numbers: "one ninety two dot one six eight dot one dot one". */
function readDotted(clause: Clause, from: number): Match | undefined {
  const groups: string[] = [];
  for (let at = from; ; at++) {
    const isZero = /^(?:o|oh)$/.test(textAt(clause, at));
    const group = readDigitRun(clause, at) ?? (isZero ? { to: at + 1, digits: '0' } : undefined);
    if (group === undefined || group.digits.length > 3) return undefined;
    groups.push(group.digits);
    at = group.to;
    if (groups.length === 4) return { to: at, text: groups.join('.'), kind: 'digits' };
    if (!/^(?:dot|point)$/.test(textAt(clause, at))) return undefined;
  }
}
