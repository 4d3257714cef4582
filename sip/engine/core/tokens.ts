import { randomPooled } from '#lib/random.ts';

/** Random hex of so many bytes. */
export function randomToken(bytes: number): string {
  return randomPooled(bytes).toString('hex');
}

/** With the cookie that says the branch alone names the transaction (RFC 3261 section 8.1.1.7). */
export function newBranch(): string {
  return `z9hG4bK${randomToken(10)}`;
}

/** 64 bits; 32 is what RFC 3261 section 19.3 asks at least. */
export function newTag(): string {
  return randomToken(8);
}

/** An initial CSeq well below 2**31, so that it never wraps. */
export function newSequence(): number {
  return 1 + (Number.parseInt(randomToken(2), 16) % 0x7fff);
}
