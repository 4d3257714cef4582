import { z } from 'zod';
import { phrases } from '#lib/config/values.ts';
import { SidetoneError } from '#lib/errors.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type Route } from '../http/route.ts';
import type { RtpengineCopies } from '../types.ts';
import { findCall } from './call-view.ts';
import { callParams, callTarget } from './calls.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { forked } from './schemas/lists.ts';

const token = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[\x21-\x7e]+$/, 'has spaces or characters outside ASCII');
const address = z.string().max(512).meta({ description: 'A URI, or what From and To say: "Ann" <sip:ann@a.example>' });
const forkRequest = z
  .strictObject({
    sipCallId: token.meta({ description: 'Call-ID of the call as rtpengine knows it' }),
    fromTag: token.optional().meta({ description: 'Of the caller; needed where several parties answered' }),
    toTag: token.optional(),
    caller: address.optional(),
    callee: address.optional(),
    phrases: phrases.optional().meta({ description: 'Names and terms that are likelier in it' }),
  })
  .meta({ id: 'RtpengineFork' });

/** Copies of calls that a proxy anchors in rtpengine, asked for by whoever controls the proxy. */
export function forkRoutes(context: ApiContext): readonly Route[] {
  return [
    route({
      id: 'forkRtpengine',
      method: 'post',
      path: '/api/v1/forks/rtpengine',
      tag: 'Forks',
      summary: 'Takes a copy of an answered call that rtpengine anchors; asked again, gives the same answer',
      access: 'sender',
      body: forkRequest,
      audit: {
        kind: 'change',
        action: 'fork-requested',
        detail: ({ body }) => ({ sipCallId: context.masks.query(body.sipCallId) }),
      },
      responses: {
        202: jsonOf('The copy runs; a call like any other', forked),
        ...problems(400, 401, 403, 404, 409, 415, 502, 503),
      },
      handle: async ({ body }) => json(await copies(context).fork(body), 202),
    }),
    route({
      id: 'releaseFork',
      method: 'delete',
      path: '/api/v1/forks/{callId}',
      tag: 'Forks',
      summary: 'Ends a copy from rtpengine; the call itself does not notice, and what was heard stays',
      access: 'sender',
      params: callParams,
      audit: { kind: 'change', action: 'fork-released', target: callTarget },
      responses: { 204: { description: 'Released', content: {} }, ...problems(401, 403, 404, 409, 503) },
      handle: async ({ params }) => {
        const { call, live } = await findCall(context, params.callId);
        const [sipCallId] = call.sipCallIds;
        const isRunning = live && call.source === 'rtpengine' && sipCallId !== undefined;
        if (!isRunning || !(await copies(context).release(sipCallId))) {
          throw new HttpProblem('conflict', 'no copy from rtpengine runs as this call');
        }
        return { kind: 'empty' };
      },
    }),
  ];
}

function copies(context: ApiContext): RtpengineCopies {
  const running = context.calls.copies;
  if (running !== undefined) return running;
  throw new SidetoneError('rtpengine-unavailable', 'no rtpengine is configured: rtpengine.address names its ng port');
}
