import { z } from 'zod';
import { phrases } from '#lib/config/values.ts';
import { SidetoneError } from '#lib/errors.ts';

/** A SIP Call-ID or tag: visible characters, as long as any proxy writes them. */
const token = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[\x21-\x7e]+$/, 'has spaces or characters outside ASCII');
const address = z.string().max(512);

/**
 * Which call of rtpengine's to take a copy of. `caller` and `callee` are for the call's record, because rtpengine knows
 * who they are by nothing but their tags: a URI, or what From and To say (`"Ann" <sip:ann@a.example>`).
 */
export const forkRequestSchema = z.strictObject({
  sipCallId: token,
  fromTag: token.optional(),
  toTag: token.optional(),
  caller: address.optional(),
  callee: address.optional(),
  /** Names and terms of this call. */
  phrases: phrases.optional(),
});
export type ForkRequest = Readonly<z.infer<typeof forkRequestSchema>>;

/** @throws SidetoneError `bad-request`, saying what is wrong with it */
export function readForkRequest(value: unknown): ForkRequest {
  const parsed = forkRequestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const at = issue?.path.map(String).join('.') ?? '';
  throw new SidetoneError('bad-request', at === '' ? (issue?.message ?? 'not understood') : `${at}: ${issue?.message}`);
}
