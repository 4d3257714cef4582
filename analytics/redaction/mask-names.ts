import type { RedactionKind } from '../types.ts';

/** How what is masked reads in a text; keys and what was never heard read like digits. */
export const maskTexts: Readonly<Record<RedactionKind, string>> = {
  card: '[CARD]',
  cvv: '[CVV]',
  pin: '[PIN]',
  expiry: '[EXPIRY]',
  digits: '[DIGITS]',
  dtmf: '[DIGITS]',
  unheard: '[DIGITS]',
};

const mask = /\[(?:CARD|CVV|PIN|EXPIRY|DIGITS)\]/;
const kinds = { '[CARD]': 'card', '[CVV]': 'cvv', '[PIN]': 'pin', '[EXPIRY]': 'expiry', '[DIGITS]': 'digits' } as const;

/** The mask in a word of a redacted text: `[CARD]` in `[CARD],`. */
export function maskIn(text: string): keyof typeof kinds | undefined {
  return mask.exec(text)?.[0] as keyof typeof kinds | undefined;
}

export function kindOfMask(text: keyof typeof kinds): RedactionKind {
  return kinds[text];
}
