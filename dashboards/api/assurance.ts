import { z } from 'zod';
import { json, route, type Route } from '../http/route.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { assuranceAnswer, assuranceReport } from './schemas/assurance.ts';
import { after, filter, isoTime, limit, one } from './schemas/common.ts';

const usualDays = 30;
const dayMs = 86_400_000;

const query = z.object({
  from: filter(isoTime).meta({ description: `Calls that began at or after; unset: ${usualDays} days before \`to\`` }),
  to: filter(isoTime).meta({ description: 'And before; unset: now' }),
  timeZone: filter(z.string().max(100)).meta({ description: 'By whose clocks days are told, such as Europe/Berlin' }),
  limit: one(limit),
  after: filter(after).meta({ description: '`flagged.next` of the page before' }),
});

export function assuranceRoute(context: ApiContext): Route {
  return route({
    id: 'getAssurance',
    method: 'get',
    path: '/api/v1/assurance',
    tag: 'Calls',
    summary: 'Whether the sound of calls is all there, by source and day; calls that are flagged; CDRs without a call',
    access: 'reader',
    query,
    audit: {
      kind: 'read',
      action: 'assurance-read',
      detail: ({ query: { from, to } }) => ({ from: from ?? null, to: to ?? null }),
    },
    responses: { 200: jsonOf('The report', assuranceReport), ...problems(400, 401, 503) },
    handle: async ({ query: { from, to, timeZone = 'UTC', ...flagged } }) => {
      const toEpochMs = to === undefined ? context.clock.nowEpochMs() : Date.parse(to);
      const asked = {
        from: new Date(from === undefined ? toEpochMs - usualDays * dayMs : from).toISOString(),
        to: new Date(toEpochMs).toISOString(),
        timeZone,
      };
      const report = await context.database.assurance.report({ ...asked, ...flagged });
      return json(assuranceAnswer({ ...asked, targetShare: context.config.assurance.targetShare }, report));
    },
  });
}
