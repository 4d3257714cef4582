import { textAt, type Clause } from './atoms.ts';
import { digitValue, readCardinal } from './cardinals.ts';

/** An amount of something: `5.2 million`, `-60`, `164.58 thousand`. */
export interface Quantity {
  readonly to: number;
  /** Without the scale: `5.2`. */
  readonly figures: string;
  /** ` million`, or nothing. */
  readonly scale: string;
  /** A whole number below ten in a word of its own: written as a figure beside a unit only. */
  readonly isSmall: boolean;
  readonly hasPoint: boolean;
}

const decimalScales = /^(?:thousand|million|billion|trillion)$/;

export function readQuantity(clause: Clause, from: number): Quantity | undefined {
  const sign = /^(?:minus|negative)$/.test(textAt(clause, from)) ? '-' : '';
  const start = sign === '' ? from : from + 1;
  const whole = readCardinal(clause, start) ?? writtenFigure(clause, start);
  const point = whole?.to ?? start;
  const fraction = readFraction(clause, point);
  if (fraction !== undefined) {
    const scale = decimalScales.test(textAt(clause, fraction.to)) ? ` ${textAt(clause, fraction.to)}` : '';
    const figures = `${sign}${whole === undefined ? '' : whole.value}.${fraction.digits}`;
    return { to: fraction.to + (scale === '' ? 0 : 1), figures, scale, isSmall: false, hasPoint: true };
  }
  if (whole === undefined) return undefined;
  const { to, value, scale, head } = whole;
  const isSmall = sign === '' && typeof value === 'bigint' && value < 10n && to === from + 1;
  if (scale !== null) return { to, figures: `${sign}${head}`, scale: ` ${scale}`, isSmall: false, hasPoint: false };
  return { to, figures: `${sign}${value}`, scale: '', isSmall, hasPoint: false };
}

/** `1,250`, `2500`, `3.5`: as it stands, perhaps with a scale after it. */
function writtenFigure(clause: Clause, from: number) {
  const figure = textAt(clause, from);
  if (!/^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/.test(figure)) return undefined;
  const after = textAt(clause, from + 1);
  const scale = /^(?:million|billion|trillion)$/.test(after) ? after : null;
  return { to: from + (scale === null ? 1 : 2), value: figure as string | bigint, scale, head: figure };
}

/** "point five eight", digit by digit. */
function readFraction(clause: Clause, from: number): { readonly to: number; readonly digits: string } | undefined {
  if (textAt(clause, from) !== 'point') return undefined;
  let to = from + 1;
  let digits = '';
  for (let word = textAt(clause, to); ; word = textAt(clause, to)) {
    if (/^\d+$/.test(word)) digits += word;
    else if (word === 'o' || word === 'oh') digits += '0';
    else {
      const value = digitValue(word);
      if (value === undefined) break;
      digits += String(value);
    }
    to++;
  }
  return digits === '' ? readTwoDigits(clause, to) : { to, digits };
}

/** "eighteen point twenty five". */
function readTwoDigits(clause: Clause, from: number) {
  const number = readCardinal(clause, from);
  return number === undefined || number.value > 99n ? undefined : { to: number.to, digits: String(number.value) };
}
