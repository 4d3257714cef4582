/** Ways people read long numbers aloud. Deterministic: `random` gives numbers in [0, 1). */

const ones = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const teens = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

export const speakingStyles = ['one-by-one', 'fours', 'threes', 'pairs', 'double-triple', 'oh', 'hundreds'] as const;
export type SpeakingStyle = (typeof speakingStyles)[number];

/** The number in groups as one says them, a short pause between two of them. */
export function speakDigits(digits: string, style: SpeakingStyle, random: () => number): string[] {
  switch (style) {
    case 'one-by-one':
      return chunk(digits, 16).map(oneByOne);
    case 'fours':
      return chunk(digits, 4).map(oneByOne);
    case 'threes':
      return chunk(digits, 3).map(oneByOne);
    case 'oh':
      return chunk(digits, 4).map((group) => oneByOne(group).replaceAll('zero', 'oh'));
    case 'pairs':
      return chunk(digits, 4).map((group) => chunk(group, 2).map(pair).join(' '));
    case 'double-triple':
      return chunk(digits, 4).map(doubled);
    case 'hundreds':
      return chunk(digits, 4).map((group) =>
        /^[1-9]00/.test(group) && random() < 0.8
          ? [`${ones[Number(group[0])]} hundred`, oneByOne(group.slice(3))].filter(Boolean).join(' ')
          : chunk(group, 2).map(pair).join(' '),
      );
    default:
      return style satisfies never;
  }
}

function chunk(digits: string, length: number): string[] {
  return digits.match(new RegExp(`.{1,${length}}`, 'g')) ?? [];
}

function oneByOne(digits: string): string {
  return digits
    .split('')
    .map((digit) => ones[Number(digit)])
    .join(' ');
}

function pair(digits: string): string {
  const value = Number(digits);
  if (digits.length < 2 || value < 10) return oneByOne(digits);
  if (value < 20) return teens[value - 10] ?? '';
  const unit = value % 10;
  return unit === 0 ? (tens[value / 10] ?? '') : `${tens[(value - unit) / 10]} ${ones[unit]}`;
}

function doubled(digits: string): string {
  return (digits.match(/(\d)\1{0,2}/g) ?? [])
    .map((row) => `${['', 'double ', 'triple '][row.length - 1] ?? ''}${ones[Number(row[0])] ?? ''}`)
    .join(' ');
}

/** `length` digits that begin with `prefix`; `valid` says whether they pass Luhn. */
export function numberWithLuhn(prefix: string, length: number, valid: boolean, random: () => number): string {
  let digits = prefix;
  while (digits.length < length - 1) digits += Math.floor(random() * 10);
  const check = checkDigit(digits);
  return digits + (valid ? check : (check + 1 + Math.floor(random() * 9)) % 10);
}

function checkDigit(digits: string): number {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const value = Number(digits[digits.length - 1 - index]) * (index % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return (10 - (sum % 10)) % 10;
}
