import llamaTokenizer from 'llama-tokenizer-js';

/** The one adapter over llama-tokenizer-js: the 32,000 SentencePiece tokens of Llama, which Moonshine shares. */
export const beginToken = 1;
export const endToken = 2;

const spaceMark = '\u2581';
const bytePiece = /^<0x([0-9A-F]{2})>$/;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The token's bytes, a space mark as a space; empty for control tokens and those past the text vocabulary. */
function tokenBytes(token: number): Uint8Array {
  if (token < 3) return new Uint8Array(0);
  const piece = llamaTokenizer.vocabById[token] ?? '';
  const byte = bytePiece.exec(piece)?.[1];
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  return encoder.encode(piece.replaceAll(spaceMark, ' '));
}

/** The token's bytes as vocabulary files hold them: a space as its mark, a byte token as that byte. */
export function tokenPiece(token: number): Uint8Array {
  const piece = llamaTokenizer.vocabById[token] ?? `<${token}>`;
  const byte = bytePiece.exec(piece)?.[1];
  return byte === undefined ? encoder.encode(piece) : Uint8Array.of(Number.parseInt(byte, 16));
}

export function startsWord(token: number): boolean {
  return llamaTokenizer.vocabById[token]?.startsWith(spaceMark) ?? false;
}

/** Whether the token carries a letter or a digit (or part of one outside ASCII): punctuation says nothing of a word. */
export function hasLetters(token: number): boolean {
  return tokenBytes(token).some((byte) => byte >= 0x80 || /[A-Za-z0-9]/.test(String.fromCharCode(byte)));
}

export function decodeTokens(tokens: readonly number[]): string {
  const bytes = tokens.map(tokenBytes);
  const all = new Uint8Array(bytes.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of bytes) {
    all.set(part, offset);
    offset += part.length;
  }
  return decoder.decode(all).trim();
}

/** The tokens of a text with a space put before it, as in running text. */
export function encodeText(text: string): number[] {
  return llamaTokenizer.encode(text, false, true);
}

/**
 * Cuts tokens into words: `[first, afterLast]` index pairs. A bare space begins the word after it (each digit has one of
 * its own); at the end it joins the word before it.
 */
export function wordSpans(tokens: readonly number[]): [number, number][] {
  const spans: [number, number][] = [];
  tokens.forEach((token, index) => {
    const last = spans.at(-1);
    const hasText = decodeTokens(tokens.slice(index, index + 2)) !== '';
    const bareBefore = last !== undefined && decodeTokens(tokens.slice(...last)) === '';
    if (last === undefined || (startsWord(token) && hasText && !bareBefore)) spans.push([index, index + 1]);
    else last[1] = index + 1;
  });
  return spans;
}
