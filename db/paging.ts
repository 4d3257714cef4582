import { SidetoneError } from '#lib/errors.ts';
import type { Page, PageRequest } from './types.ts';

const defaultLimit = 50;
const maxLimit = 200;

/** @throws SidetoneError `bad-request` */
export function limitOf(request: PageRequest): number {
  const limit = request.limit ?? defaultLimit;
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit)
    throw new SidetoneError('bad-request', `limit must be a whole number from 1 to ${maxLimit}`);
  return limit;
}

/** Where a page ended: the time and id of its last row. Keyset paging: rows that come and go in between move nothing. */
export interface TimeCursor {
  /** ISO 8601. */
  readonly at: string;
  readonly id: string;
}

export function encodeCursor(cursor: TimeCursor): string {
  return Buffer.from(`${cursor.at} ${cursor.id}`).toString('base64url');
}

/** @throws SidetoneError `bad-request` */
export function decodeCursor(after: string | undefined): TimeCursor | undefined {
  if (after === undefined) return undefined;
  const text = Buffer.from(after, 'base64url').toString('utf8');
  const space = text.indexOf(' ');
  const at = text.slice(0, Math.max(0, space));
  const id = text.slice(space + 1);
  if (id === '' || id.includes('\0')) throw badCursor();
  return { at: checkTime(at, 'after'), id };
}

/** @throws SidetoneError `bad-request` */
export function checkTime(text: string, name: string): string {
  const epochMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(epochMs)) throw new SidetoneError('bad-request', `${name} is not an ISO 8601 time`);
  return new Date(epochMs).toISOString();
}

/** @throws SidetoneError `bad-request` */
export function decodeSequenceCursor(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  if (!/^\d{1,15}$/.test(after)) throw badCursor();
  return Number(after);
}

/** A page from `limit + 1` rows: the one too many says that there is more. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): Page<Item> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { items: kept.map(toItem), next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

function badCursor(): SidetoneError {
  return new SidetoneError('bad-request', 'after is not a cursor of this list');
}
