import { seededRandom } from '#lib/testing/random.ts';

/** What one utterance adds to an error rate: its errors, and of how many they are. */
export interface Tally {
  readonly errors: number;
  readonly of: number;
}

/** In percent: 95 of 100 such samples of utterances would give a rate between the two. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

const resamples = 2000;

/**
 * The 95 % interval of an error rate by the percentile bootstrap over utterances (Bisani and Ney, "Bootstrap estimates
 * for confidence intervals in ASR performance evaluation", ICASSP 2004). The same for the same tallies. NaN of nothing.
 */
export function rateInterval(tallies: readonly Tally[]): Interval {
  return middle(resampled(tallies.length, (pick) => rate(pick.map((index) => tallies[index] ?? none))));
}

/**
 * How many points `after` is above `before` (below 0: better), with both heard of the same utterances: each resample takes
 * the same utterances of both, so what is hard for both does not widen the interval. Throws a RangeError on lists of
 * unlike length.
 */
export function differenceInterval(before: readonly Tally[], after: readonly Tally[]): Interval {
  if (before.length !== after.length) throw new RangeError('both must have heard the same utterances');
  return middle(
    resampled(before.length, (pick) => {
      const of = (tallies: readonly Tally[]): number => rate(pick.map((index) => tallies[index] ?? none));
      return of(after) - of(before);
    }),
  );
}

/** Errors in percent of what they are of. */
export function rate(tallies: readonly Tally[]): number {
  let errors = 0;
  let of = 0;
  for (const tally of tallies) {
    errors += tally.errors;
    of += tally.of;
  }
  return (100 * errors) / Math.max(1, of);
}

const none: Tally = { errors: 0, of: 0 };

function resampled(count: number, measure: (pick: readonly number[]) => number): number[] {
  if (count === 0) return [];
  const random = seededRandom(2004);
  return Array.from({ length: resamples }, () =>
    measure(Array.from({ length: count }, () => Math.floor(random() * count))),
  );
}

function middle(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { low: at(0.025), high: at(0.975) };
}
