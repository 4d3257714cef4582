import { parseNameAddr } from '../routing/name-addr.ts';
import type { AttemptOutcome } from './attempt.ts';
import type { SipHeaders } from './messages.ts';

/** Whether a failed target lets the next one be tried (telephony.md, Routing). */
export function shouldTryNext(outcome: AttemptOutcome, retryOn6xx: boolean): boolean {
  if (outcome.kind === 'answered' || outcome.kind === 'abandoned') return false;
  if (outcome.kind !== 'refused') return true;
  const { status } = outcome.response;
  return status === 408 || (status >= 500 && status < 600) || (status >= 600 && retryOn6xx);
}

/** The URIs of a redirect's Contact, best first (RFC 3261 section 8.1.3.4). */
export function contactsOf(headers: SipHeaders): string[] {
  const contacts = (headers.get('contact') ?? '').match(/(?:"[^"]*(?:"|$)|<[^>]*(?:>|$)|[^,"<])+/g) ?? [];
  return contacts
    .map((text) => parseNameAddr(text))
    .filter((each) => each !== undefined)
    .map((each) => ({ uri: each.uri, q: Number(each.parameters['q'] ?? 1) }))
    .sort((a, b) => b.q - a.q)
    .map((each) => each.uri);
}
