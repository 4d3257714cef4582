import { z } from 'zod';
import { maxPhraseLetters } from '#lib/phrases.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type Route } from '../http/route.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { phraseItem, phraseList, phraseSuggestions } from './schemas/phrases.ts';

const named = z.strictObject({ phrase: z.string().trim().min(1).max(maxPhraseLetters) });

/** Names and terms of all calls; those of trunks, routes and single calls stand where these are configured or begun. */
export function phraseRoutes(context: ApiContext): readonly Route[] {
  const { phrases } = context.database;
  return [
    route({
      id: 'listPhrases',
      method: 'get',
      path: '/api/v1/phrases',
      tag: 'Phrases',
      summary: 'Names and terms that recognition expects in all calls: of the configuration, and added here',
      access: 'reader',
      audit: { kind: 'read', action: 'phrases-listed' },
      responses: { 200: jsonOf('All of them', phraseList), ...problems(401, 403, 503) },
      handle: async () => {
        const added = (await phrases.list()).map((each) => ({ ...each, from: 'list' as const }));
        const configured = context.config.asr.phrases.map((phrase) => {
          return { phrase, from: 'configuration' as const, addedBy: null, addedAt: null };
        });
        return json({ items: [...added, ...configured], next: null });
      },
    }),
    route({
      id: 'listPhraseSuggestions',
      method: 'get',
      path: '/api/v1/phrases/suggestions',
      tag: 'Phrases',
      summary: 'What people have put in place of what was heard, and is in no list yet; the most often corrected first',
      access: 'reader',
      audit: { kind: 'read', action: 'phrases-listed', detail: () => ({ suggestions: true }) },
      responses: { 200: jsonOf('A hundred at the most', phraseSuggestions), ...problems(401, 403, 503) },
      handle: async () => json({ items: await phrases.suggestions(), next: null }),
    }),
    route({
      id: 'addPhrase',
      method: 'post',
      path: '/api/v1/phrases',
      tag: 'Phrases',
      summary: 'Adds a phrase for all calls that begin from now on',
      access: 'admin',
      body: named,
      audit: {
        kind: 'change',
        action: 'phrase-added',
        detail: ({ body }) => ({ phrase: context.masks.query(body.phrase) }),
      },
      responses: { 201: jsonOf('It is in the list', phraseItem), ...problems(400, 401, 403, 409, 503) },
      handle: async ({ body, actor }) => json({ ...(await phrases.add(body.phrase, actor.name)), from: 'list' }, 201),
    }),
    route({
      id: 'removePhrase',
      method: 'delete',
      path: '/api/v1/phrases',
      tag: 'Phrases',
      summary: 'Takes a phrase out of the list; those of the configuration stay',
      access: 'admin',
      query: named,
      audit: {
        kind: 'change',
        action: 'phrase-removed',
        detail: ({ query }) => ({ phrase: context.masks.query(query.phrase) }),
      },
      responses: { 204: { description: 'It is out', content: {} }, ...problems(400, 401, 403, 404, 503) },
      handle: async ({ query }) => {
        if (!(await phrases.remove(query.phrase))) throw new HttpProblem('not-found', 'no such phrase was added');
        return { kind: 'empty' };
      },
    }),
  ];
}
