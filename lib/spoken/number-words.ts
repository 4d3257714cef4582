/** English number words and their values, smallest scale first. */
export const smallNumbers = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ');
/** From twenty, in steps of ten. */
export const tensNumbers = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
/** In steps of a thousand, from a thousand. */
export const scaleNumbers = 'thousand million billion trillion quadrillion quintillion sextillion'.split(' ');

const irregularOrdinals: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
};

/** `twenty` is `twentieth`, `five` is `fifth`. */
export function ordinalOf(word: string): string {
  return irregularOrdinals[word] ?? (word.endsWith('y') ? `${word.slice(0, -1)}ieth` : `${word}th`);
}

/** A whole number below 10^24 as words: `one hundred twenty five`; `withAnd`: `one hundred and twenty five`. */
export function cardinalWords(value: bigint, withAnd = false): string {
  if (value === 0n) return 'zero';
  const words: string[] = [];
  for (let scale = scaleNumbers.length; scale >= 0; scale--) {
    const group = Number((value / 1000n ** BigInt(scale)) % 1000n);
    if (group === 0) continue;
    if (withAnd && scale === 0 && group < 100 && words.length > 0) words.push('and');
    words.push(belowThousand(group, withAnd), scaleNumbers[scale - 1] ?? '');
  }
  return words.filter((word) => word !== '').join(' ');
}

function belowThousand(value: number, withAnd: boolean): string {
  if (value < 100) return belowHundred(value);
  const rest = value % 100;
  const head = `${smallNumbers[Math.floor(value / 100)] ?? ''} hundred`;
  return rest === 0 ? head : `${head} ${withAnd ? 'and ' : ''}${belowHundred(rest)}`;
}

/** 0 to 99. */
export function belowHundred(value: number): string {
  if (value < 20) return smallNumbers[value] ?? '';
  const tens = tensNumbers[Math.floor(value / 10) - 2] ?? '';
  return value % 10 === 0 ? tens : `${tens} ${smallNumbers[value % 10] ?? ''}`;
}
