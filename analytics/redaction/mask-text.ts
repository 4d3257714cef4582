import { isCardNumber } from './card-numbers.ts';

/** Nine digits or more, with up to three separators between two of them: `4111-1111 1111 1111`, `4111 / 1111 ...`. */
const longRun = /\p{Nd}(?:[\s\p{P}\p{S}]{0,3}\p{Nd}){8,}/gu;

/** For search queries and free text: every run of nine or more digits becomes `[DIGITS]`. */
export function maskDigits(text: string): string {
  return text.replace(longRun, '[DIGITS]');
}

/** As above, but `@ : ; < >` end a run, so that the parts of a URI are looked at one by one; IPv4 addresses stay. */
const runInUri = /\b\d{1,3}(?:\.\d{1,3}){3}\b(?!\d)|\+?\p{Nd}(?:[\s().,/_-]{0,3}\p{Nd}){8,}/gu;
const ipv4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
/** E.164: at most 15 digits. */
const dialable = /^\+?\d{3,15}$/;

/**
 * For what tells who somebody is (user part of a SIP or tel URI, display name, identity headers): a plain dialable
 * number stays unless it is a card number to the letter (prefix, length, Luhn); other long runs become `[DIGITS]`.
 */
export function maskIdentity(text: string): string {
  return text.replace(runInUri, (run) => {
    if (ipv4.test(run)) return run;
    const plain = run.replace(/[\s().,/_-]/g, '');
    return dialable.test(plain) && !isCardNumber(plain.replace('+', '')) ? run : '[DIGITS]';
  });
}

const identityHeaders = new Set(
  (
    'from to contact p-asserted-identity p-preferred-identity remote-party-id diversion history-info referred-by ' +
    'request-uri'
  ).split(' '),
);

/** A SIP header on its way to the store: identity headers keep dialable numbers, all others lose every long run. */
export function maskHeader(name: string, value: string): string {
  return identityHeaders.has(name.toLowerCase()) ? maskIdentity(value) : maskDigits(value);
}
