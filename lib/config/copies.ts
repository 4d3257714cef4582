import { z } from 'zod';
import { address, cidr, hostPort, port, regexSource } from './values.ts';

/** The rtpengine that a proxy or we ourselves anchor calls in: docs/pbx/kamailio-rtpengine.md. */
export const rtpengine = z.strictObject({
  /** host:port of the ng control port of an rtpengine; unset: none is used. */
  address: hostPort.optional(),
  /**
   * `subscribe`: it carries the talk path of a proxy, which tells us of which calls to take a copy.
   * `anchor`: it carries the talk path of our own calls as well.
   */
  mode: z.enum(['subscribe', 'anchor']).default('subscribe'),
  /** New calls of ours while it does not answer and `mode` is `anchor`: 503, or carried by us. */
  onLoss: z.enum(['refuse', 'anchor-here']).default('refuse'),
});

/** Recorder clients: docs/pbx/siprec.md. */
export const siprec = z.strictObject({
  /** Dialled users that are recorders: an INVITE to one is a copy of a call, whatever its body. */
  users: z.array(z.string().min(1)).default([]),
  /** A copy that does not name the extension `siprec` is refused with 421. */
  requireExtension: z.boolean().default(false),
  /** A re-INVITE or UPDATE that makes every stream inactive pauses recording and transcription. */
  pauseOnInactive: z.boolean().default(true),
  /** Over the participants' URIs: a call with such a participant is declined with 603. */
  exclude: z.array(regexSource).default([]),
  /** What a client is answered when `intake.maxCalls` run. */
  fullStatus: z.literal([503, 486]).default(503),
});

/** Asterisk's AudioSocket: docs/pbx/asterisk.md. */
export const audiosocket = z.strictObject({
  host: address.default('127.0.0.1'),
  /** Unset: it is not listened for. */
  port: port.optional(),
  /** Who may connect, besides `sip.allow` and the addresses of trunks. */
  allow: z.array(cidr).default([]),
  /**
   * Two sockets of one call. `uuid`: both give the same UUID, the caller's first. `last-digit`: their UUIDs differ in
   * the last hexadecimal digit alone, even for the caller and odd for the callee.
   */
  pairBy: z.enum(['uuid', 'last-digit']).default('uuid'),
  /** What a socket carries that stays alone, when `pairBy` is `uuid`. */
  single: z.enum(['mixed', 'caller']).default('mixed'),
  /**
   * How long a socket waits for the other of its call before it is alone, when `single` is `mixed`. What it says
   * meanwhile comes in one go: no longer than a sender may be ahead of time (media/streams/feed.ts).
   */
  pairWaitS: z.number().min(0).max(4).default(1),
  /** At once; further ones are closed. */
  maxSockets: z.int().min(1).default(4000),
});
