import { isAll, textAt, wordsBefore, type Clause, type Match } from './atoms.ts';
import { digitValue, readCardinal } from './cardinals.ts';
import { readQuantity } from './quantities.ts';

/** Money, shares, measures, fractions, and plain numbers. */

const signs = new Map([
  ['dollars', '$'],
  ['euros', '€'],
  ['yen', '¥'],
  ['won', '₩'],
]);
const singular = new Map([
  ['dollar', 'dollars'],
  ['euro', 'euros'],
]);

export function readMoney(clause: Clause, from: number): Match | undefined {
  const amount = readHundreds(clause, from) ?? readQuantity(clause, from);
  if (amount === undefined) return undefined;
  const currency = readCurrency(clause, amount.to);
  if (currency === undefined) return amount.scale === '' ? readCents(clause, from) : undefined;
  // "the one dollars" is none; a country's "won" is a verb too.
  if (currency.isPlural && amount.figures === '1' && currency.sign !== '¥') return undefined;
  if (currency.sign === '₩' && amount.scale === '') return undefined;
  const cents = amount.scale === '' && !amount.hasPoint ? readRest(clause, currency.to) : undefined;
  const text = `${currency.sign}${amount.figures}${cents?.text ?? ''}${amount.scale}`;
  return { to: cents?.to ?? currency.to, text: text.replace(/^(.)-/, '-$1'), kind: 'money' };
}

/** "one fifty five dollars" */
function readHundreds(clause: Clause, from: number) {
  const head = digitValue(textAt(clause, from));
  const rest = readCardinal(clause, from + 1);
  if (head === undefined || head === 0 || rest === undefined || rest.value < 10n || rest.value > 99n) return undefined;
  if (/^\d/.test(textAt(clause, from))) return undefined;
  return { to: rest.to, figures: `${head}${rest.value}`, scale: '', hasPoint: false };
}

function readCurrency(clause: Clause, from: number) {
  let at = from;
  if (textAt(clause, at) === 'us') at++;
  else if (textAt(clause, at) === 'u' && textAt(clause, at + 1) === 's') at += 2;
  else if (textAt(clause, at) === 'united' && textAt(clause, at + 1) === 'states') at += 2;
  const name = textAt(clause, at);
  const plural = singular.get(name) ?? name;
  const sign = signs.get(plural);
  return sign === undefined ? undefined : { to: at + 1, sign, isPlural: plural === name };
}

/** The cents after the dollars. "Forty dollars two times" has none: without the word they are two figures, at the end. */
function readRest(clause: Clause, from: number): { readonly to: number; readonly text: string } | undefined {
  const at = textAt(clause, from) === 'and' ? from + 1 : from;
  const cents = readCardinal(clause, at);
  if (cents === undefined || cents.value > 99n) return undefined;
  const text = `.${String(cents.value).padStart(2, '0')}`;
  if (/^cents?$/.test(textAt(clause, cents.to))) return { to: cents.to + 1, text };
  const ends = at === from && cents.value >= 10n && cents.to === clause.atoms.length;
  return ends ? { to: cents.to, text } : undefined;
}

function readCents(clause: Clause, from: number): Match | undefined {
  const cents = readCardinal(clause, from);
  if (cents === undefined || cents.value > 99n || !/^cents?$/.test(textAt(clause, cents.to))) return undefined;
  return { to: cents.to + 1, text: `$0.${String(cents.value).padStart(2, '0')}`, kind: 'money' };
}

const measures = new Map([
  ['kilometers', 'km'],
  ['kilometres', 'km'],
  ['centimeters', 'cm'],
  ['millimeters', 'mm'],
  ['kilograms', 'kg'],
  ['kilos', 'kg'],
  ['milligrams', 'mg'],
  ['milliliters', 'ml'],
  ['megabytes', 'MB'],
  ['gigabytes', 'GB'],
  ['terabytes', 'TB'],
  ['megabits', 'Mb'],
  ['gigahertz', 'GHz'],
  ['megahertz', 'MHz'],
  ['kilohertz', 'kHz'],
  ['kilowatts', 'kW'],
  ['megawatts', 'MW'],
  ['volts', 'V'],
  ['watts', 'W'],
]);

export function readMeasure(clause: Clause, from: number): Match | undefined {
  const amount = readQuantity(clause, from);
  if (amount === undefined) return undefined;
  const { to } = amount;
  const number = amount.figures + amount.scale;
  const [one, two, three] = [textAt(clause, to), textAt(clause, to + 1), textAt(clause, to + 2)];
  if (one === 'percent') return { to: to + 1, text: `${number}%`, kind: 'measure' };
  if (one === 'per' && two === 'cent') return { to: to + 2, text: `${number}%`, kind: 'measure' };
  if (one === 'miles' && two === 'per' && three === 'hour')
    return { to: to + 3, text: `${number} mph`, kind: 'measure' };
  if (one === 'kilometers' && two === 'per' && three === 'hour')
    return { to: to + 3, text: `${number} km/h`, kind: 'measure' };
  if (one === 'square' && (two === 'feet' || two === 'foot'))
    return { to: to + 2, text: `${number} sq ft`, kind: 'measure' };
  const unit = measures.get(one);
  return unit === undefined ? undefined : { to: to + 1, text: `${number} ${unit}`, kind: 'measure' };
}

const denominators = new Map([
  ['third', 3],
  ['thirds', 3],
  ['quarters', 4],
  ['fourths', 4],
  ['fifths', 5],
  ['sixths', 6],
  ['eighths', 8],
  ['tenths', 10],
  ['sixteenths', 16],
]);

/** "two thirds"; "one third" only with "of" after it: it may count something. "Ten and a half": 10.5. */
export function readFraction(clause: Clause, from: number): Match | undefined {
  const top = readCardinal(clause, from);
  if (top === undefined) return undefined;
  const { to, value } = top;
  if (value >= 10n && top.scale === null && isHalf(clause, to))
    return { to: to + 3, text: `${value}.5`, kind: 'number' };
  const name = textAt(clause, to);
  const bottom = denominators.get(name);
  if (bottom === undefined || value === 0n || value >= BigInt(bottom)) return undefined;
  if ((value === 1n) !== (name === 'third')) return undefined;
  if (value === 1n && textAt(clause, to + 1) !== 'of') return undefined;
  return { to: to + 1, text: `${value}/${bottom}`, kind: 'number' };
}

function isHalf(clause: Clause, at: number): boolean {
  return textAt(clause, at) === 'and' && textAt(clause, at + 1) === 'a' && textAt(clause, at + 2) === 'half';
}

/** A number that names a thing is a figure, small or not: "room five". */
const numbered =
  /^(?:number|numbers|room|gate|flight|suite|apartment|unit|extension|option|platform|step|page|chapter)$/;

/** Whole numbers and decimals. Below ten they stay words, where they are neither all that was said nor a thing's name. */
export function readNumber(clause: Clause, from: number): Match | undefined {
  const quantity = readQuantity(clause, from);
  if (quantity === undefined) return undefined;
  const { to, figures, scale, isSmall, hasPoint } = quantity;
  const alone = isAll(clause, from, to) && figures !== '0';
  if (isSmall && !alone && !isNamed(clause, from, to)) return undefined;
  // "At that point two": a point with nothing before it is a point where two figures come after it.
  if (hasPoint && figures.startsWith('.') && figures.length < 3 && !alone) return undefined;
  // "It costs two fifty": a price, a time, a room; nobody knows.
  const before = digitValue(textAt(clause, from - 1));
  if (before !== undefined && before > 0 && /^\d\d$/.test(figures)) return undefined;
  return { to, text: figures + scale, kind: 'number' };
}

/** "Number one on the list" is as much a manner of speaking as a name: another word must not go on about it. */
function isNamed(clause: Clause, from: number, to: number): boolean {
  const [word = ''] = wordsBefore(clause, from, 1);
  return numbered.test(word) && (word !== 'number' || to === clause.atoms.length);
}

const streets = /^(?:street|avenue|ave|floor|grade)$/;

/** Ordinals up to the tenth stay words in running talk. */
export function readOrdinal(clause: Clause, from: number): Match | undefined {
  const number = readCardinal(clause, from, true);
  if (number === undefined || !number.isOrdinal) return undefined;
  const { to, value } = number;
  if (value <= 10n && !isAll(clause, from, to) && !streets.test(textAt(clause, to))) return undefined;
  return { to, text: withEnding(value), kind: 'ordinal' };
}

function withEnding(value: bigint): string {
  const teen = value % 100n > 10n && value % 100n < 14n;
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][Number(value % 10n)] ?? 'th');
  return `${value}${ending}`;
}
