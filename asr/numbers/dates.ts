import { textAt, wordsBefore, type Clause, type Match } from './atoms.ts';
import { digitValue, readCardinal, smallValue } from './cardinals.ts';

/** Days of a month, years, decades, quarters. Months keep the letters that the recogniser gave them. */

const months = /^(?:january|february|march|april|may|june|july|august|september|october|november|december)$/;
/** Months that are other words too. */
const ambiguous = /^(?:march|may|august)$/;

interface Part {
  readonly to: number;
  readonly text: string;
}

export function readDate(clause: Clause, from: number): Match | undefined {
  const read = readMonthFirst(clause, from) ?? readDayFirst(clause, from) ?? readQuarter(clause, from);
  return read === undefined ? readYearAlone(clause, from) : { ...read, kind: 'date' };
}

/** "July twenty fifth two thousand twelve", "October nineteen oh five". */
function readMonthFirst(clause: Clause, from: number): Part | undefined {
  const month = textAt(clause, from);
  if (!months.test(month)) return undefined;
  const raw = clause.atoms[from]?.raw ?? '';
  const day = readDay(clause, from + 1, !ambiguous.test(month) || /^\p{Lu}/u.test(raw));
  const year = readYear(clause, day?.to ?? from + 1);
  const monthYear = readYear(clause, from + 1);
  if (monthYear !== undefined && (day === undefined || (year === undefined && monthYear.to > day.to)))
    return { to: monthYear.to, text: `${raw} ${monthYear.text}` };
  if (day === undefined) return undefined;
  if (year === undefined) return { to: day.to, text: `${raw} ${day.text}` };
  return { to: year.to, text: `${raw} ${day.text} ${year.text}` };
}

/** "The twenty fifth of July twenty twelve". */
function readDayFirst(clause: Clause, from: number): Part | undefined {
  const start = textAt(clause, from) === 'the' ? from + 1 : from;
  const day = readDay(clause, start, false);
  if (day === undefined || textAt(clause, day.to) !== 'of' || !months.test(textAt(clause, day.to + 1)))
    return undefined;
  const to = day.to + 2;
  const text = `${day.text} ${clause.atoms[to - 1]?.raw ?? ''}`;
  const year = readYear(clause, to);
  return year === undefined ? { to, text } : { to: year.to, text: `${text} ${year.text}` };
}

/** An ordinal, or a number where no more than a day can be meant ("june thirty"). */
function readDay(clause: Clause, from: number, cardinals: boolean): Part | undefined {
  const figure = /^(\d{1,2})(?:st|nd|rd|th)$/.exec(textAt(clause, from))?.[1];
  if (figure !== undefined) return { to: from + 1, text: figure };
  const ordinal = readCardinal(clause, from, true);
  if (ordinal?.isOrdinal === true) return ordinal.value >= 1n && ordinal.value <= 31n ? partOf(ordinal) : undefined;
  // "July two thousand": as far as two words go, and not where they begin a longer number.
  const number = cardinals ? readCardinal(clause, from) : undefined;
  return number !== undefined && number.value >= 1n && number.value <= 31n ? partOf(number) : undefined;
}

function partOf({ to, value }: { readonly to: number; readonly value: bigint }): Part {
  return { to, text: String(value) };
}

/** "Two thousand twelve", "nineteen oh five", "sixteen sixty five". */
function readYear(clause: Clause, from: number): Part | undefined {
  const pair = readPair(clause, from);
  if (pair !== undefined) return pair;
  const number = readCardinal(clause, from);
  return number !== undefined && number.value >= 1000n && number.value <= 2999n
    ? partOf(number)
    : yearFigure(clause, from);
}

function yearFigure(clause: Clause, from: number): Part | undefined {
  const figure = textAt(clause, from);
  return /^[12]\d{3}$/.test(figure) ? { to: from + 1, text: figure } : undefined;
}

function readPair(clause: Clause, from: number): Part | undefined {
  const century = smallValue(textAt(clause, from));
  if (century === undefined || century < 10 || century > 20) return undefined;
  const next = textAt(clause, from + 1);
  if (next === 'oh' || next === 'o') {
    const digit = digitValue(textAt(clause, from + 2));
    return digit === undefined ? undefined : { to: from + 3, text: `${century}0${digit}` };
  }
  const rest = readCardinal({ ...clause, atoms: clause.atoms.slice(0, from + 3) }, from + 1);
  if (rest === undefined || rest.value < 10n || rest.value > 99n) return undefined;
  return { to: rest.to, text: `${century}${rest.value}` };
}

const decades = new Map(
  ['twenties', 'thirties', 'forties', 'fifties', 'sixties', 'seventies', 'eighties', 'nineties'].map((word, index) => [
    word,
    `${(index + 2) * 10}s`,
  ]),
);
/** After two numbers these count: "ten fifteen minutes". */
const counted =
  /^(?:minutes?|hours?|days?|weeks?|months?|years?|people|percent|dollars?|cents|miles|times|pounds|feet|p|k)$/;

function readYearAlone(clause: Clause, from: number): Match | undefined {
  const century = smallValue(textAt(clause, from));
  const decade = decades.get(textAt(clause, from + 1));
  if (century !== undefined && century > 12 && century < 21 && decade !== undefined)
    return { to: from + 2, text: `${century}${decade}`, kind: 'date' };
  const era = readEra(clause, from);
  if (era !== undefined) return era;
  const pair = readPair(clause, from);
  if (pair === undefined || counted.test(textAt(clause, pair.to)) || readCardinal(clause, pair.to) !== undefined)
    return undefined;
  if (century !== undefined && century < 13 && wordsBefore(clause, from, 1).length > 0) return undefined;
  return { ...pair, kind: 'date' };
}

/** "Seven fifty b c". */
function readEra(clause: Clause, from: number): Match | undefined {
  const number = readCardinal(clause, from);
  if (number === undefined) return undefined;
  const rest = number.value < 10n ? readCardinal(clause, number.to) : undefined;
  const to = rest?.to ?? number.to;
  if (textAt(clause, to) !== 'b' || textAt(clause, to + 1) !== 'c') return undefined;
  return { to: to + 2, text: `${number.value}${rest?.value ?? ''}BC`, kind: 'date' };
}

function readQuarter(clause: Clause, from: number): Part | undefined {
  const which = ['first', 'second', 'third', 'fourth'].indexOf(textAt(clause, from)) + 1;
  if (which === 0 || textAt(clause, from + 1) !== 'quarter' || textAt(clause, from + 2) !== 'of') return undefined;
  const year = readYear(clause, from + 3);
  return year === undefined ? undefined : { to: year.to, text: `Q${which} ${year.text}` };
}
