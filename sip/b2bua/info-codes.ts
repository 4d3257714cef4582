import { KeyCodes, keyOf, type PauseCodes } from '#lib/key-codes.ts';
import type { SipRequest } from './messages.ts';

/**
 * Looks for the codes that pause and resume among the keys that come by SIP INFO (`application/dtmf-relay`,
 * `application/dtmf`). Keys are pressed by one person each: `from` tells them apart.
 */
export class InfoCodes {
  readonly #codes: PauseCodes | undefined;
  readonly #pressed = new Map<string, KeyCodes>();

  /** Without codes no key is read. */
  constructor(codes: PauseCodes | undefined) {
    this.#codes = codes;
  }

  /** Whether to pause (true) or to resume (false) when the INFO completes a code, else undefined. */
  read(from: string, { headers, body }: Pick<SipRequest, 'headers' | 'body'>, nowMs: number): boolean | undefined {
    if (this.#codes === undefined) return undefined;
    const key = keyIn(headers.get('content-type')?.split(';')[0]?.trim().toLowerCase(), body);
    if (key === undefined) return undefined;
    let codes = this.#pressed.get(from);
    if (codes === undefined) {
      codes = new KeyCodes(this.#codes);
      this.#pressed.set(from, codes);
    }
    return codes.press(key, nowMs);
  }
}

/** 0 to 15; some write `*` and `#` as 10 and 11. */
function keyIn(type: string | undefined, body: string): number | undefined {
  const bare = type === 'application/dtmf' ? /^\s*([0-9*#A-D]|1[0-5])\s*$/i.exec(body) : null;
  const isRelay = type === 'application/dtmf-relay' || type === 'application/dtmf';
  const match = bare ?? (isRelay ? /^[ \t]*signal[ \t]*=[ \t]*([0-9*#A-D]|1[0-5])[ \t]*$/im.exec(body) : null);
  const written = match?.[1];
  if (written === undefined) return undefined;
  return written.length === 2 ? Number(written) : keyOf(written);
}
