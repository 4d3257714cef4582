import type { ComponentChildren } from 'preact';

const maskNames: Readonly<Record<string, string>> = {
  CARD: 'card number',
  CVV: 'security code',
  PIN: 'PIN',
  EXPIRY: 'expiry date',
  DIGITS: 'digits',
};
const mask = /\[(CARD|CVV|PIN|EXPIRY|DIGITS)\]/g;

export function MaskChip({ kind }: { readonly kind: string }) {
  const name = maskNames[kind] ?? 'redacted';
  return (
    <span class="mask" title={`${name}, redacted`}>
      <span aria-hidden="true">▮▮▮ </span>
      {name}
    </span>
  );
}

/** Text with its masks as chips. */
export function MaskedText({ text }: { readonly text: string }) {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const match of text.matchAll(mask)) {
    parts.push(text.slice(at, match.index), <MaskChip kind={match[1] ?? ''} />);
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return <>{parts}</>;
}

export function maskOf(token: string): string | undefined {
  return /^\[(CARD|CVV|PIN|EXPIRY|DIGITS)\]/.exec(token)?.[1];
}
