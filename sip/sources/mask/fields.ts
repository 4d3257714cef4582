import { canonicalName } from '../../engine/message/headers.ts';
import { parseParams } from '../../engine/message/fields.ts';
import { maskAddresses, maskVias } from './addresses.ts';
import { maskDigits, masked } from './words.ts';

/** Fields that hold words of the protocol alone. */
const plain: ReadonlySet<string> = new Set(
  (
    'Accept Accept-Encoding Accept-Language Allow Allow-Events Content-Disposition Content-Encoding ' +
    'Content-Length Date Event Expires Max-Forwards MIME-Version Min-Expires Min-SE Privacy Proxy-Require ' +
    'Require Retry-After Session-Expires Subscription-State Supported Unsupported'
  ).split(' '),
);
/** Fields whose digits are wanted: as they are where they have the form that they must have. */
const forms: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    'Call-ID': /^[\x21-\x7e]{1,256}$/,
    'X-Sidetone-Call-Id': /^[\w-]{1,64}$/,
    CSeq: /^\d{1,10} [A-Z]{1,20}$/,
    RAck: /^\d{1,10} \d{1,10} [A-Z]{1,20}$/,
    RSeq: /^\d{1,10}$/,
    Timestamp: /^[\d. ]{1,32}$/,
  }),
);
const addresses: ReadonlySet<string> = new Set(
  (
    'Alert-Info Call-Info Contact Diversion Error-Info From History-Info P-Asserted-Identity P-Preferred-Identity Path ' +
    'P-Called-Party-ID Record-Route Refer-To Referred-By Remote-Party-ID Reply-To Route Service-Route To'
  ).split(' '),
);
/** What a device says in words of its own. */
const words: ReadonlySet<string> = new Set(['Server', 'User-Agent', 'Warning', 'Reason', 'Record', 'Content-Type']);
const challenges: ReadonlySet<string> = new Set([
  'Authorization',
  'Proxy-Authorization',
  'WWW-Authenticate',
  'Proxy-Authenticate',
  'Authentication-Info',
]);

/** One header line, under its long name; a field that nobody knows keeps its name alone. */
export function maskField(name: string, value: string): string {
  const known = canonicalName(name);
  return `${maskDigits(known)}: ${valueOf(known, value)}`;
}

function valueOf(name: string, value: string): string {
  if (plain.has(name)) return value.replaceAll(/\d{7,}/g, masked);
  const form = forms.get(name);
  if (form !== undefined) return form.test(value) ? value : masked;
  if (words.has(name)) return maskDigits(value);
  if (name === 'Via') return maskVias(value);
  if (addresses.has(name)) return maskAddresses(value);
  return challenges.has(name) ? maskChallenge(value) : masked;
}

/** What was asked for can be seen, not who answered nor with what. */
function maskChallenge(value: string): string {
  const scheme = /^[A-Za-z]{1,20}(?=\s)/.exec(value)?.[0];
  if (scheme === undefined) return masked;
  const given = parseParams(value.slice(scheme.length).replaceAll(',', ';'));
  const shown = ['realm', 'algorithm', 'qop', 'stale'].flatMap((name) => {
    const text = given[name];
    return text === undefined ? [] : [`${name}="${maskDigits(text)}"`];
  });
  return `${scheme} ${[...shown, masked].join(', ')}`;
}
