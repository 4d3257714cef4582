import { newId } from '#lib/ids.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type Route } from '../http/route.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { streamPair, streamPairAnswer } from './schemas/streams.ts';

/** Two AudioSockets of one call, told of before they come by whoever makes them. */
export function streamPairRoute(context: ApiContext): Route {
  return route({
    id: 'registerStreamPair',
    method: 'post',
    path: '/api/v1/streams/pairs',
    tag: 'Streams',
    summary: 'Says of two AudioSockets that are about to come which of them is whose, and the id of their call',
    access: 'sender',
    body: streamPair,
    audit: {
      kind: 'change',
      action: 'stream-pair-registered',
      detail: ({ body }) => ({ caller: body.callerUuid, callee: body.calleeUuid }),
    },
    responses: {
      202: jsonOf('The call that there will be, once one of the sockets comes within ten minutes', streamPairAnswer),
      ...problems(400, 401, 403, 409, 503),
    },
    handle: ({ body, actor }) => {
      if (context.config.audiosocket.port === undefined) {
        throw new HttpProblem('conflict', 'AudioSocket is off: audiosocket.port of the configuration turns it on');
      }
      if (body.callerUuid === body.calleeUuid) {
        throw new HttpProblem('bad-request', 'calleeUuid: is callerUuid; sockets of one UUID need no registration');
      }
      const callId = newId();
      context.streams.registerPair({
        callId,
        caller: body.callerUuid,
        callee: body.calleeUuid,
        sourceName: body.source ?? actor.name,
        people: { caller: body.caller ?? null, callee: body.callee ?? null },
        sipCallIds: body.sipCallIds,
      });
      return Promise.resolve(json({ callId }, 202));
    },
  });
}
