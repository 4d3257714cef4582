/**
 * Words of which recognition is less sure than this are marked: of those, up to about half are other words
 * (docs/accuracy.md, "Confidence").
 */
export const unsureBelow = 0.5;

export function isUnsure(confidence: number | undefined): confidence is number {
  return confidence !== undefined && confidence < unsureBelow;
}
