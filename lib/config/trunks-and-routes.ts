import { z } from 'zod';
import { cidr, isRegex, language, phrases, recordPolicy, regexSource, target } from './values.ts';

export const trunk = z.strictObject({
  name: z.string().min(1),
  /** Sources that belong to the trunk. */
  match: z.array(cidr).default([]),
  /** Digest user whose calls belong to the trunk. */
  digestUser: z.string().optional(),
  /** Its INVITEs are copies of calls for us to record, whatever their body: SIPREC, or plain SDP as Cisco's recorder trunk. */
  recorder: z.boolean().default(false),
  /** May assert identities (P-Asserted-Identity, Remote-Party-ID): RFC 3325. */
  trusted: z.boolean().default(false),
  /** Host of B-leg targets to which this trunk's credentials and trust apply. */
  host: z.string().optional(),
  /** They answer what the trunk's calls are asked; with a realm, in that one alone. */
  credentials: z
    .strictObject({ user: z.string(), password: z.string(), realm: z.string().min(1).optional() })
    .optional(),
  /** What is spoken on its calls, where their route does not say it. */
  language: language.optional(),
  /** Names and terms of its calls, beside those of `asr.phrases` and of their route. */
  phrases: phrases.default([]),
});

export const route = z
  .strictObject({
    match: regexSource.optional(),
    to: z.union([target, z.array(target).min(1)]),
    record: recordPolicy.optional(),
    /** What is spoken on its calls (BCP 47): `asr.models` may have a model for it. */
    language: language.optional(),
    /** Names and terms of its calls, before those of `asr.phrases` and of their trunk. */
    phrases: phrases.default([]),
  })
  .refine(groupsAreThere, { path: ['to'], message: 'takes a group ($1 to $9) that its match has not' });

function groupsAreThere({
  match,
  to,
}: {
  readonly match?: string | undefined;
  readonly to: string | string[];
}): boolean {
  if (match !== undefined && !isRegex(match)) return true;
  const groups = match === undefined ? 0 : (new RegExp(`${match}|`).exec('')?.length ?? 1) - 1;
  return [
    ...[to]
      .flat()
      .join(' ')
      .matchAll(/\$(\d)/g),
  ].every(([, index]) => Number(index) <= groups);
}
