/**
 * Is it the same number? PBX and signalling write one in many ways: `sip:+493012345678@host`, `030 12345678`,
 * `0049...`, with an outside line's 0 or 9 before it.
 */

/** From here on a number may lack what is dialled before it; shorter ones (extensions) must be equal. */
const enoughDigits = 7;

const nobody = new Set(['', 'anonymous', 'unknown', 'unavailable', 'private', 'restricted', 's', '[digits]']);

/** What of a URI or a number tells who it is, ready to be compared; null where it tells nothing. */
export function nameOf(text: string): string | null {
  const address = text.trim().replace(/^(?:sips?|tel):/i, '');
  const user = (/^[^@;?]*/.exec(address)?.[0] ?? '').toLowerCase();
  const number = user.replaceAll(/[\s().,/_-]/g, '');
  if (/^\+?\d+$/.test(number)) return number.replace(/^\+/, '');
  return nobody.has(user) ? null : user;
}

/** Both as `nameOf` gives them. */
export function sameName(one: string, other: string): boolean {
  if (one === other) return true;
  const [shorter, longer] = [one, other].map(withoutPrefix).toSorted((a, b) => a.length - b.length);
  if (shorter === undefined || longer === undefined || shorter.length < enoughDigits) return false;
  return /^\d+$/.test(shorter) && /^\d+$/.test(longer) && longer.endsWith(shorter);
}

/** International and national prefixes are zeros, however many. */
function withoutPrefix(name: string): string {
  return name.replace(/^0+/, '');
}
