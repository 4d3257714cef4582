/** What the tokens of the digit recogniser mean. The list itself stands in the weights' file. */
export const blank = 0;
/** Any other word. */
export const other = 1;

export const digitNames = 'zero one two three four five six seven eight nine'.split(' ');
const teens = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const digits = new Set(digitNames);
const numbers = new Set([...digitNames, ...teens, ...tens, 'hundred', 'thousand']);

/** zero to nine, and "oh" (which is also the letter O). */
export function isDigit(token: string): boolean {
  return digits.has(token) || token === 'o';
}

/** How many digits a token stands for at the least when it is written: what redaction counts. */
export function digitsIn(token: string): number {
  if (isDigit(token)) return 1;
  return numbers.has(token) ? 2 : 0;
}

export function isNumber(token: string): boolean {
  return numbers.has(token) || token === 'o';
}

export function isLetter(token: string): boolean {
  return token.length === 1;
}

/** "double" and "triple": the next digit or letter, twice or three times. */
export function isMultiplier(token: string): boolean {
  return token === 'double' || token === 'triple';
}

/** Part of what people spell or count out. */
export function isSpelled(token: string): boolean {
  return isNumber(token) || isLetter(token) || isMultiplier(token);
}
