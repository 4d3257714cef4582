import type { Interval } from '../asr/eval/bootstrap.ts';

/** Figures of measurements as tables print them, all in percent or points. */
export const percent = (value: number): string => (Number.isNaN(value) ? '' : value.toFixed(1));

export const range = ({ low, high }: Interval): string =>
  Number.isNaN(low) ? '' : `${low.toFixed(1)}..${high.toFixed(1)}`;

/** How much above the one named first, and between what and what; empty for that one itself. */
export function toTheFirst(difference: (Interval & { readonly points: number }) | null): string {
  if (difference === null) return '';
  const { points } = difference;
  return `${points > 0 ? '+' : ''}${points.toFixed(1)} (${range(difference)})`;
}
