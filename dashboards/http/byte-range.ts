/** Both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * One range of a Range header (RFC 9110 section 14.2) over `size` bytes. Undefined: no range asked for, or a unit or
 * list that we may ignore (section 14.2: then the whole is answered). `unsatisfiable`: 416.
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Number(last);
    return length === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}

/** Is the range left open at its end (`bytes=1000-`)? Players ask so, and then stop reading when they have enough. */
export function isOpenEnded(header: string | undefined): boolean {
  return /^bytes=\d+-$/.test(header?.trim() ?? '');
}
