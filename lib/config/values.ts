import { isIP } from 'node:net';
import { z } from 'zod';
import { isCidr, isLoopback } from '../addresses.ts';
import { maxPhrases, phraseFault, tidyPhrase } from '../phrases.ts';

/** What single settings may be, for the schema. */

export const seconds = z.number().positive();
export const port = z.int().min(0).max(65_535);
export const address = z.string().refine((value) => isIP(value) !== 0, 'not an IP address');
export const cidr = z.string().refine(isCidr, 'not an address or CIDR block, such as 192.0.2.0/24');

/** Pages and API stand at the root, so that a path has no place in it. */
export const publicUrl = z
  .string()
  .refine(isPublicUrl, 'not https://HOST or https://HOST:PORT, and nothing after it (http for a loopback host alone)')
  .transform((text) => new URL(text).origin);

export const hostPort = z
  .string()
  .regex(/^(?:\[[\da-f:.]+\]|[\w.-]+):\d{1,5}$/i, { error: 'not host:port, such as 127.0.0.1:2223', abort: true })
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'has a port over 65535');

export const recordPolicy = z.enum(['none', 'redacted-only', 'all']);
export const target = z
  .string()
  .regex(
    /^sip:(?:[^@\s]*@)?(?:\[[\da-f:.]+\]|[^@\s:;?[\]]+)(?::\d{1,5})?(?:[;?]\S*)?$/i,
    'not a SIP URI, such as sip:$1@10.0.0.5:5060',
  );
export const regexSource = z.string().refine(isRegex, 'not a regular expression');

export const keyCode = z.string().regex(/^[0-9*#A-D]{2,8}$/i, 'not two to eight keys of a telephone, such as *71');

function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  const isBare = pathname === '/' && `${search}${hash}${username}${password}` === '';
  const isSafe =
    protocol === 'https:' ||
    (protocol === 'http:' && (hostname === 'localhost' || isLoopback(hostname.replaceAll(/[[\]]/g, ''))));
  return isBare && isSafe;
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export function isRegex(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}

export function isPortRange(text: string): boolean {
  const range = parsePortRange(text);
  return range !== undefined && range.first >= 1024 && range.last <= 65_535 && range.last > range.first;
}

/** `20000-29999`: both ends included, widened inwards to whole even/odd pairs. */
export function parsePortRange(text: string): { readonly first: number; readonly last: number } | undefined {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text.trim());
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2]);
  return { first: first + (first % 2), last: last - ((last + 1) % 2) };
}

/** A language tag (BCP 47), such as `en` or `de-AT`. */
export const language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'not a language tag, such as en or de-AT');

/** Names and terms that are likelier than elsewhere, as they are written; the likeliest first. */
export const phrases = z
  .array(
    z
      .string()
      .transform(tidyPhrase)
      .superRefine((phrase, context) => {
        const message = phraseFault(phrase);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      }),
  )
  .max(maxPhrases, `has more than ${maxPhrases} phrases`);
