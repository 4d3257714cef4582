import type { Party } from '#sip/types.ts';

/** `1:05`, `1:02:03`. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

/** `1 min 5 s`: for talk times. */
export function spokenTime(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A name, else the user part of the URI: what people know each other by. */
export function partyName(party: Party | undefined): string {
  if (party === undefined) return 'unknown';
  if (party.displayName !== null && party.displayName !== '') return party.displayName;
  if (party.uri === null) return 'withheld';
  return party.uri.replace(/^(sips?|tel):/, '').split('@')[0] ?? party.uri;
}

export function kebabToWords(text: string): string {
  const words = text.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `2026-11-25T10:00` of a datetime-local field as ISO 8601 UTC; empty stays empty. */
export function localToIso(local: string): string {
  return local === '' ? '' : new Date(local).toISOString();
}
export function isoToLocal(iso: string | null): string {
  if (iso === null || iso === '') return '';
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
