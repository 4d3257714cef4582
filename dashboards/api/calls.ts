import { z } from 'zod';
import { hasCode } from '#lib/errors.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type AuditTarget, type Route } from '../http/route.ts';
import { callAnswer, callItem } from './answers.ts';
import { findCall } from './call-view.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { callMetrics, finding, redaction } from './schemas/call.ts';
import { callId, page } from './schemas/common.ts';
import { callDetail, callListItem, callQuery } from './schemas/lists.ts';

export const callParams = z.object({ callId });
export const callTarget = (request: { readonly params: z.output<typeof callParams> }): AuditTarget => ({
  kind: 'call',
  id: request.params.callId,
});

export function callRoutes(context: ApiContext): readonly Route[] {
  return [
    route({
      id: 'listCalls',
      method: 'get',
      path: '/api/v1/calls',
      tag: 'Calls',
      summary: 'Calls, newest first',
      access: 'reader',
      query: callQuery,
      audit: {
        kind: 'read',
        action: 'calls-listed',
        detail: ({ query }) => maskedFilter(context, query),
      },
      responses: { 200: jsonOf('A page of calls', page(callListItem)), ...problems(400, 401, 503) },
      handle: async ({ query, record }) => {
        const text = query.text === undefined ? undefined : context.masks.query(query.text);
        const found = await context.database.calls.list({ ...query, text });
        record({ results: found.items.length });
        return json({ items: found.items.map(callItem), next: found.next });
      },
    }),
    route({
      id: 'getCall',
      method: 'get',
      path: '/api/v1/calls/{callId}',
      tag: 'Calls',
      summary: 'One call with its findings, redactions, metrics and recording',
      access: 'reader',
      params: callParams,
      audit: { kind: 'read', action: 'call-opened', target: callTarget },
      responses: { 200: jsonOf('The call', callDetail), ...problems(401, 404, 503) },
      handle: async ({ params }) => json(callAnswer(await findCall(context, params.callId))),
    }),
    route({
      id: 'deleteCall',
      method: 'delete',
      path: '/api/v1/calls/{callId}',
      tag: 'Calls',
      summary: 'Erases a call for good: its rows, its recording, its place in the search',
      access: 'admin',
      params: callParams,
      audit: { kind: 'change', action: 'call-deleted', target: callTarget },
      responses: { 204: { description: 'Erased', content: {} }, ...problems(401, 403, 404, 409, 503) },
      handle: ({ params }) => deleteCall(context, params.callId),
    }),
    ...partRoutes(context),
  ];
}

/** Parts of a call by themselves, for those who need no more. */
function partRoutes(context: ApiContext): readonly Route[] {
  const part = <Body extends z.ZodType>(
    name: 'metrics' | 'findings' | 'redactions',
    body: Body,
    summary: string,
    read: (id: string) => Promise<z.input<Body>>,
  ): Route =>
    route({
      id: `getCall${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      method: 'get',
      path: `/api/v1/calls/{callId}/${name}`,
      tag: 'Calls',
      summary,
      access: 'reader',
      params: callParams,
      audit: { kind: 'read', action: `${name}-read`, target: callTarget },
      responses: { 200: jsonOf(summary, body), ...problems(401, 404, 503) },
      handle: async ({ params }) => json(await read(params.callId)),
    });
  return [
    part('metrics', callMetrics, 'Talk times, silence, overtalk, interruptions, sentiment', async (id) => {
      const { metrics } = await findCall(context, id);
      if (metrics === null) throw new HttpProblem('not-found', 'the call has no metrics yet');
      return metrics as z.input<typeof callMetrics>;
    }),
    part('findings', page(finding), 'What the rules found', async (id) => ({
      items: [...(await findCall(context, id)).findings] as z.input<typeof finding>[],
      next: null,
    })),
    part('redactions', page(redaction), 'What was taken out, and where', async (id) => ({
      items: [...(await findCall(context, id)).redactions],
      next: null,
    })),
  ];
}

/** Files first: should the rows stay behind, the call is still there to be deleted again. */
async function deleteCall(context: ApiContext, id: string): Promise<{ readonly kind: 'empty' }> {
  const state = await findCall(context, id);
  if (state.live) throw new HttpProblem('conflict', 'the call is still running: delete it when it has ended');
  await context.recordings.remove(id).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'not-found')) throw thrown;
  });
  await context.database.exports.markGone(id, 'call-deleted');
  await context.archive.removeHolding(id);
  await context.database.calls.remove(id);
  context.hub.forgetCall(id);
  return { kind: 'empty' };
}

function maskedFilter(
  context: ApiContext,
  query: z.output<typeof callQuery>,
): Readonly<Record<string, string | number>> {
  const detail: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || name === 'after') continue;
    detail[name] = typeof value === 'string' ? context.masks.query(value) : value;
  }
  return detail;
}
