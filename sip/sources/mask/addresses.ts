import { parseParams, parseVia, splitList } from '../../engine/message/fields.ts';
import { parseSipUri, plainHost, schemeOf } from '../../engine/message/uri.ts';
import { isIP } from 'node:net';
import { maskDigits, masked } from './words.ts';

/**
 * URIs and what they stand in, without users, numbers and names. Everything is written anew from what is understood, so
 * that nothing unforeseen passes.
 */

/** Parameters whose value says something of signalling and nothing of people. */
const plainParams: ReadonlySet<string> = new Set(
  (
    'tag branch lr transport maddr ttl user method ob q expires received rport alias isfocus refresher privacy ' +
    'counter index screen party reason cause id-type cpc early-only from-tag to-tag +sip.src +sip.srs'
  ).split(' '),
);

/** Made up by devices for each call: digits in them are no number. */
const tokens: ReadonlySet<string> = new Set(['tag', 'branch', 'from-tag', 'to-tag', 'received']);

function isPlain(name: string, value: string): boolean {
  if (!plainParams.has(name) || !/^[\w.:[\]!%*+`'~@-]{1,256}$/.test(value)) return false;
  return tokens.has(name) || !/\d{7}/.test(value);
}

const schemes: ReadonlySet<string> = new Set('sip sips tel http https urn mailto im pres cid'.split(' '));

export function maskParams(text: string): string {
  let shown = '';
  for (const [name, value] of Object.entries(parseParams(text))) {
    if (!/^[a-z][\w.+-]{0,40}$|^\+[\w.-]{1,40}$/i.test(name) || /\d{5}/.test(name)) shown += `;${masked}`;
    else if (value === '') shown += `;${name}`;
    else if (isPlain(name, value)) shown += `;${name}=${value}`;
    else shown += `;${name}=${masked}`;
  }
  return shown;
}

export function maskUri(uri: string): string {
  const sip = parseSipUri(uri);
  if (sip !== undefined) {
    const question = sip.rest.indexOf('?');
    const params = question === -1 ? sip.rest : sip.rest.slice(0, question);
    const user = sip.user === '' ? '' : `${masked}@`;
    const port = sip.port === undefined ? '' : `:${sip.port}`;
    return `${sip.scheme}:${user}${maskHost(sip.host)}${port}${maskParams(params.slice(1))}${question === -1 ? '' : `?${masked}`}`;
  }
  const scheme = schemeOf(uri);
  return schemes.has(scheme) ? `${scheme}:${masked}` : masked;
}

/** `sip:+15550100` has its number where the host should be. */
function maskHost(host: string): string {
  return isIP(plainHost(host)) === 0 ? maskDigits(host) : host;
}

/** From, Contact, Route ...: a list of `"Name" <uri>;params`. */
export function maskAddresses(value: string): string {
  return splitList(value)
    .map((each) => (each === '*' ? each : maskAddress(each)))
    .join(', ');
}

function maskAddress(value: string): string {
  // A quoted name may hold brackets and semicolons.
  const quoted = /^\s*"(?:[^"\\]|\\.)*"/.exec(value)?.[0].length ?? 0;
  const open = value.indexOf('<', quoted);
  if (open === -1) {
    const end = value.indexOf(';', quoted);
    const uri = value.slice(quoted, end === -1 ? value.length : end).trim();
    return `${quoted > 0 ? `"${masked}" ` : ''}${maskUri(uri)}${end === -1 ? '' : maskParams(value.slice(end + 1))}`;
  }
  const close = value.indexOf('>', open);
  const uri = value.slice(open + 1, close === -1 ? value.length : close).trim();
  const named = value.slice(0, open).trim() !== '';
  const rest = close === -1 ? '' : value.slice(close + 1).trim();
  return `${named ? `"${masked}" ` : ''}<${maskUri(uri)}>${rest.startsWith(';') ? maskParams(rest.slice(1)) : ''}`;
}

export function maskVias(value: string): string {
  return splitList(value)
    .map((each) => {
      const via = parseVia(each);
      if (via === undefined) return masked;
      const semicolon = each.indexOf(';');
      const port = via.port === undefined ? '' : `:${via.port}`;
      const params = semicolon === -1 ? '' : maskParams(each.slice(semicolon + 1));
      return `SIP/2.0/${maskDigits(via.transport)} ${maskHost(via.host)}${port}${params}`;
    })
    .join(', ');
}
