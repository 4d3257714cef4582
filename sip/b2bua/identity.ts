import { newId } from '#lib/ids.ts';
import type { Party } from '../types.ts';
import { formatNameAddr, parseNameAddr } from '../routing/name-addr.ts';
import { parseUri, plainUri, type SipUri } from '../routing/uri.ts';
import type { SipHeaders } from './messages.ts';

const keptHeaders = [
  'from',
  'to',
  'p-asserted-identity',
  'remote-party-id',
  'privacy',
  'diversion',
  'history-info',
  'referred-by',
] as const;

/** Who takes part, from the caller's INVITE. Privacy hides nothing here: what the call's own server stores is whole. */
export function partiesOf(headers: SipHeaders, requestUri: string, trusted: boolean): readonly Party[] {
  const asserted = trusted ? (headers.get('p-asserted-identity') ?? headers.get('remote-party-id')) : undefined;
  const from = headers.get('from');
  const caller = partyFrom(asserted) ?? partyFrom(from);
  const callee = partyFrom(headers.get('to')) ?? partyFrom(`<${requestUri}>`);
  return Object.freeze([makeParty('caller', caller), makeParty('callee', callee)]);
}

function makeParty(side: 'caller' | 'callee', from: Identity | undefined): Party {
  return Object.freeze({
    partyId: newId(),
    side,
    uri: from?.uri ?? null,
    displayName: from?.displayName ?? null,
    role: 'unknown',
    joinedMs: 0,
    leftMs: null,
  });
}

interface Identity {
  readonly uri: string | null;
  readonly displayName: string | null;
}

function partyFrom(header: string | undefined): Identity | undefined {
  const value = header === undefined ? undefined : parseNameAddr(header);
  const uri = value === undefined ? undefined : parseUri(value.uri);
  if (value === undefined || uri === undefined) return undefined;
  // RFC 3323 section 4.1.1.3: the network withheld who it is.
  if (isAnonymous(uri)) return { uri: null, displayName: null };
  return { uri: plainUri(uri), displayName: value.displayName === '' ? null : value.displayName };
}

function isAnonymous(uri: SipUri): boolean {
  return uri.host === 'anonymous.invalid' || uri.user.toLowerCase() === 'anonymous';
}

/** Identity and diversion fields for the `ringing` event, lower-case names; what an untrusted source asserts is left out. */
export function keptIdentityHeaders(headers: SipHeaders, trusted: boolean): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = headers.get(name);
    if (value !== undefined && (trusted || (name !== 'p-asserted-identity' && name !== 'remote-party-id'))) {
      kept[name] = value;
    }
  }
  return Object.freeze(kept);
}

/** The B leg's From without its tag: the caller's name and user part at our address, or RFC 3323's anonymous. */
export function fromForCallee(headers: SipHeaders, hidden: boolean, ourAddress: string): string {
  if (hidden) return '"Anonymous" <sip:anonymous@anonymous.invalid>';
  const from = parseNameAddr(headers.get('from') ?? '');
  const uri = from === undefined ? undefined : parseUri(from.uri);
  const host = ourAddress.includes(':') ? `[${ourAddress}]` : ourAddress;
  if (from === undefined || uri === undefined) return `<sip:${host}>`;
  if (isAnonymous(uri)) return '"Anonymous" <sip:anonymous@anonymous.invalid>';
  return formatNameAddr(from.displayName, uri.user === '' ? `sip:${host}` : `sip:${uri.user}@${host}`);
}
