import { clockTime, kebabToWords, spokenTime } from '../../client/format.ts';

/** Where the word for it says too little or too much: a player fetches ahead of what is heard. */
const actionWords: Readonly<Record<string, string>> = {
  'recording-played': 'Recording sent to a player',
  'recording-listened': 'Recording listened to',
  'live-watched': 'Running calls watched',
  'live-watched-ended': 'Stopped watching running calls',
  'call-watched': 'Call watched live',
  'call-watched-ended': 'Stopped watching call',
};

export function sayAction(action: string): string {
  return actionWords[action] ?? kebabToWords(action);
}

export function sayDetail(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return '';
  const { fromS, toS, watchedMs, onBehalfOf, before, after, ...rest } = detail as Readonly<Record<string, unknown>>;
  const said: string[] = [];
  if (typeof fromS === 'number' && typeof toS === 'number')
    said.push(`${clockTime(fromS * 1000)} to ${clockTime(toS * 1000)}`);
  if (typeof watchedMs === 'number') said.push(`for ${spokenTime(watchedMs)}`);
  for (const [name, value] of Object.entries(rest)) {
    if (typeof value === 'boolean') said.push(...(value ? [camelToWords(name)] : []));
    else said.push(`${camelToWords(name)}: ${sayValue(value)}`);
  }
  if (before !== undefined && after !== undefined) said.push(`${whoIsWho(before)} became ${whoIsWho(after)}`);
  if (typeof onBehalfOf === 'object' && onBehalfOf !== null && 'name' in onBehalfOf)
    said.push(`for ${String(onBehalfOf.name)}, as the client says (unverified)`);
  return said.join(', ');
}

function sayValue(value: unknown): string {
  if (typeof value === 'string') return value;
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string');
  return isList ? value.join(', ') : JSON.stringify(value);
}

/** The parties of a call that was put right, in one order before and after. */
function whoIsWho(parties: unknown): string {
  if (!Array.isArray(parties)) return 'nobody known';
  return (parties as readonly { readonly side: string; readonly role: string }[])
    .map(({ side, role }) => (role === 'unknown' ? side : `${side} (${role})`))
    .join(', ');
}

function camelToWords(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
