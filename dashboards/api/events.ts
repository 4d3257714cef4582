import { z } from 'zod';
import { HttpProblem } from '../http/problems.ts';
import { route, type Reply, type Route } from '../http/route.ts';
import type { EventStream } from '../live/event-stream.ts';
import { callIdOf } from '../live/replay-buffer.ts';
import { callParams, callTarget } from './calls.ts';
import type { ApiContext } from './context.ts';
import { problems } from './responses.ts';

const streamResponse = {
  200: {
    description:
      'Server-sent events, `event` and `data.type` being `call`, `partial`, `utterance`, `redaction`, `finding`, ' +
      '`metrics` or `end`. First comes `snapshot` and the state so far, or, with a Last-Event-ID still known, `replay` ' +
      'and what was missed. A call that has ended answers with its row and `end`. `signed-out` is the last event when ' +
      'session or key are no longer good.',
    content: { 'text/event-stream': z.string() },
  },
};

export function eventRoutes(context: ApiContext): readonly Route[] {
  return [
    route({
      id: 'watchCall',
      method: 'get',
      path: '/api/v1/calls/{callId}/events',
      tag: 'Live',
      summary: 'One call as it happens',
      access: 'reader',
      params: callParams,
      audit: { kind: 'watch', action: 'call-watched', target: callTarget },
      responses: { ...streamResponse, ...problems(401, 404, 503) },
      handle: async ({ params, header }) => {
        if (context.hub.isLive(params.callId)) return watching(context, params.callId, header('last-event-id'));
        const stored = await context.database.calls.get(params.callId);
        if (stored === undefined) throw new HttpProblem('not-found', 'there is no such call');
        return {
          kind: 'events',
          run: (stream) => {
            stream.send('snapshot', { type: 'snapshot' });
            stream.send('call', { type: 'call', call: stored.call });
            stream.send('end', { type: 'end', callId: params.callId });
            stream.end();
            return () => undefined;
          },
        };
      },
    }),
    route({
      id: 'watchAllCalls',
      method: 'get',
      path: '/api/v1/events',
      tag: 'Live',
      summary: 'All running calls as they happen',
      access: 'reader',
      audit: { kind: 'watch', action: 'live-watched' },
      responses: { ...streamResponse, ...problems(401, 503) },
      handle: ({ header }) => watching(context, undefined, header('last-event-id')),
    }),
  ];
}

function watching(context: ApiContext, callId: string | undefined, lastEventId: string | undefined): Reply {
  const run = (stream: EventStream): (() => void) => {
    const { greeting, stop } = context.hub.watch(callId, lastEventId, ({ seq, event }) => {
      stream.send(event.type, event, context.hub.idOf(seq));
      if (event.type === 'end' && callIdOf(event) === callId) stream.end();
    });
    stream.send(greeting.kind, { type: greeting.kind });
    for (const { seq, event } of greeting.events) stream.send(event.type, event, context.hub.idOf(seq));
    // The call may have ended between the answer's audit row and now, or while the watcher was away.
    const over = callId !== undefined && !context.hub.isLive(callId);
    if (over) {
      if (!greeting.events.some(({ event }) => event.type === 'end')) stream.send('end', { type: 'end', callId });
      stream.end();
    }
    return stop;
  };
  return { kind: 'events', run };
}
