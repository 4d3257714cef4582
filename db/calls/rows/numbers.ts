/** Times may carry fractions of a ms; integer columns refuse them. */
export function wholeOrNull(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
