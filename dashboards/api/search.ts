import { json, route, type Route } from '../http/route.ts';
import { searchItem } from './answers.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { page } from './schemas/common.ts';
import { searchHit, searchQuery } from './schemas/lists.ts';

export function searchRoute(context: ApiContext): Route {
  return route({
    id: 'search',
    method: 'get',
    path: '/api/v1/search',
    tag: 'Search',
    summary: 'Utterances that match: words, "phrases" (stop words count), or, -not; newest first unless told',
    access: 'reader',
    query: searchQuery,
    audit: {
      kind: 'read',
      action: 'search-run',
      detail: ({ query }) => ({
        q: context.masks.query(query.q),
        ...(query.side === undefined ? {} : { side: query.side }),
        // Not whom: a name that has been deleted would live on in the log.
        ...(query.speaker === undefined ? {} : { bySpeaker: true }),
        ...(query.from === undefined ? {} : { from: query.from }),
        ...(query.to === undefined ? {} : { to: query.to }),
        ...(query.call === undefined ? {} : { call: query.call }),
      }),
    },
    responses: { 200: jsonOf('A page of utterances', page(searchHit)), ...problems(400, 401, 503) },
    handle: async ({ query, record }) => {
      const { q, call, ...rest } = query;
      const found = await context.database.utterances.search({ ...rest, callId: call, q: context.masks.query(q) });
      record({ results: found.items.length });
      return json({ items: found.items.map(searchItem), next: found.next });
    },
  });
}
