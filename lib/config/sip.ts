import { z } from 'zod';
import { address, cidr, port, seconds } from './values.ts';

const digestUser = z
  .strictObject({ name: z.string().min(1), password: z.string().optional(), ha1: z.string().optional() })
  .refine((user) => (user.password === undefined) !== (user.ha1 === undefined), 'needs either password or ha1');

const headerRules = z.strictObject({
  add: z.record(z.string(), z.string()).default({}),
  remove: z.array(z.string()).default([]),
  rename: z.record(z.string(), z.string()).default({}),
});

export const sip = z.strictObject({
  host: address.default('127.0.0.1'),
  port: port.default(5060),
  transports: z
    .array(z.enum(['udp', 'tcp']))
    .min(1)
    .default(['udp', 'tcp']),
  allow: z.array(cidr).default([]),
  digest: z
    .strictObject({
      realm: z.string().min(1).default('sidetone'),
      /** Offered in this order (RFC 8760); devices that know MD5 alone may give up at any other. */
      algorithms: z
        .array(z.enum(['SHA-256', 'MD5']))
        .min(1)
        .default(['SHA-256', 'MD5']),
      users: z.array(digestUser).default([]),
    })
    .prefault({}),
  /** No provisional answer within: next target. */
  firstResponseTimeoutS: seconds.default(4),
  /** No final answer within: CANCEL, next target, 480 at last. */
  ringTimeoutS: seconds.default(120),
  maxDurationS: seconds.default(4 * 3600),
  /** No RTP on a leg that is not held. */
  rtpTimeoutS: seconds.default(60),
  drainTimeoutS: seconds.default(300),
  /** Session-Expires that we ask for (RFC 4028); at least 90. */
  sessionExpiresS: z.int().min(90).default(1800),
  /** 3xx: hand it to the caller, or try its contacts (only hosts named in routes or trunks). */
  redirects: z.enum(['pass', 'follow']).default('pass'),
  /** 6xx from a target ends the search unless this is set. */
  retryOn6xx: z.boolean().default(false),
  headers: headerRules.prefault({}),
  /** Name of a header of the INVITE that says `none`, `redacted-only` or `all` for the call. */
  recordHeader: z.string().optional(),
});
