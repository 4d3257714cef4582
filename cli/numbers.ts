import { InvalidArgumentError } from 'commander';

/** For commander: an option that takes a whole number, `least` or more. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least)) throw new InvalidArgumentError(`It takes a whole number, ${least} or more.`);
    return value;
  };
}
