import type { Config } from '#lib/config/schema.ts';
import { parseNameAddr } from '../routing/name-addr.ts';
import type { HeaderFields, SipHeaders } from './messages.ts';

/** What passes between the legs, in requests and responses, besides X-*. */
const passedNames: ReadonlySet<string> = new Set([
  'p-asserted-identity',
  'remote-party-id',
  'privacy',
  'diversion',
  'history-info',
  'user-to-user',
  'reason',
  'alert-info',
  'call-info',
]);
/** What a relayed in-dialog request and its answer need besides. */
const relayedNames: ReadonlySet<string> = new Set([
  'accept',
  'allow-events',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'event',
  'expires',
  'info-package',
  'recv-info',
  'refer-sub',
  'referred-by',
  'retry-after',
  'subscription-state',
  'warning',
]);
const identityNames: ReadonlySet<string> = new Set(['p-asserted-identity', 'remote-party-id']);

/** Fields for the other leg. From a source that is not trusted, asserted identities are dropped (RFC 3325 section 5). */
export function passedFields(headers: SipHeaders, trusted: boolean): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [lower, name, value] of headers.entries()) {
    if (!passedNames.has(lower) && !lower.startsWith('x-')) continue;
    if (trusted || !identityNames.has(lower)) passed[name] = value;
  }
  return passed;
}

/** The two ends between which fields pass. */
interface End {
  /** Its assertions are believed. */
  readonly trusted: boolean;
  readonly trunk: { readonly trusted: boolean } | undefined;
}

/**
 * What passes from one leg to the other once both are known. An identity whose owner asked for privacy goes only to a
 * trusted trunk (RFC 3325 section 9.3).
 */
export function fieldsAcross(headers: SipHeaders, from: End, to: End | undefined): Record<string, string> {
  const passed = passedFields(headers, from.trusted);
  return wantsPrivacy(headers) && to?.trunk?.trusted !== true ? withoutIdentity(passed) : passed;
}

export function relayedFields(headers: SipHeaders, from: End, to: End): Record<string, string> {
  const passed = fieldsAcross(headers, from, to);
  for (const [lower, name, value] of headers.entries()) if (relayedNames.has(lower)) passed[name] = value;
  return passed;
}

/** The configuration's changes to what goes to the callee: removed, then renamed, then added. */
export function applyHeaderRules(fields: HeaderFields, rules: Config['sip']['headers']): Record<string, string> {
  const removed = new Set(rules.remove.map((name) => name.toLowerCase()));
  const renamed = new Map(Object.entries(rules.rename).map(([from, to]) => [from.toLowerCase(), to]));
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    const lower = name.toLowerCase();
    if (removed.has(lower)) continue;
    result[renamed.get(lower) ?? name] = typeof value === 'string' ? value : value.join(', ');
  }
  return { ...result, ...rules.add };
}

/** Did the caller ask that its identity be kept from the far end (RFC 3323, RFC 3325 section 9.3)? */
export function wantsPrivacy(headers: SipHeaders): boolean {
  const levels = (headers.get('privacy') ?? '').toLowerCase().split(/[;,\s]+/);
  if (levels.some((level) => ['id', 'user', 'header', 'session'].includes(level))) return true;
  const remoteParty = headers.get('remote-party-id');
  const privacy = remoteParty === undefined ? undefined : parseNameAddr(remoteParty)?.parameters['privacy'];
  return privacy !== undefined && privacy !== 'off';
}

/** Takes asserted identities out, for a far end that is not trusted with them. */
export function withoutIdentity(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !identityNames.has(name.toLowerCase())));
}
