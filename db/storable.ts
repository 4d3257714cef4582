import type { Json } from './types/audit.ts';

/** Postgres keeps neither U+0000 nor half a surrogate pair; names, queries and files of strangers may hold both. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** As `storableText`, of all texts within; members that are undefined are left out. */
export function storable(value: Json): Json {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map((item) => storable(item as Json));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [storableText(key), storable(member)]),
  );
}

/** As JSON.stringify writes what Postgres does not keep (and, behind a backslash, a text that reads like it). */
const suspicious = /\\u(?:0000|d[89a-f])/;

/** JSON whose texts Postgres keeps; looked through only where it must be. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return suspicious.test(json) ? JSON.stringify(storable(JSON.parse(json) as Json)) : json;
}
