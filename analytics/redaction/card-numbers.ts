/** ISO/IEC 7812: issuer ranges that pay by card, with the lengths they issue, and the Luhn check digit. */

/** [prefix from, prefix to, lengths] by the leading digits; prefixes of a row have one length. */
const ranges: readonly (readonly [number, number, readonly number[]])[] = [
  [4, 4, [13, 16, 19]],
  [51, 55, [16]],
  [2221, 2720, [16]],
  [34, 34, [15]],
  [37, 37, [15]],
  [300, 305, [14, 16, 19]],
  [309, 309, [14, 16, 19]],
  [36, 36, [14, 16, 19]],
  [38, 39, [14, 16, 19]],
  [6011, 6011, [16, 19]],
  [644, 659, [16, 19]],
  [3528, 3589, [16, 19]],
  [62, 62, [16, 17, 18, 19]],
  [81, 81, [16, 17, 18, 19]],
  [2200, 2204, [16, 17, 18, 19]],
  [50, 50, [12, 13, 14, 15, 16, 17, 18, 19]],
  [56, 58, [12, 13, 14, 15, 16, 17, 18, 19]],
  [60, 69, [12, 13, 14, 15, 16, 17, 18, 19]],
];

export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const value = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? value * 2 : value;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/** Whether the number begins as cards do, whatever its length (recognisers drop and double digits). */
export function hasCardPrefix(digits: string): boolean {
  return ranges.some(([from, to]) => {
    const prefix = Number(digits.slice(0, String(from).length));
    return prefix >= from && prefix <= to;
  });
}

/** Whether it is a card number to the letter: prefix, a length issued under it, Luhn. */
export function isCardNumber(digits: string): boolean {
  return (
    passesLuhn(digits) &&
    ranges.some(([from, to, lengths]) => {
      const prefix = Number(digits.slice(0, String(from).length));
      return prefix >= from && prefix <= to && lengths.includes(digits.length);
    })
  );
}
