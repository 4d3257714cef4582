import { z } from 'zod';
import { textAuthors, type EarlierText } from '#analytics/types.ts';
import { HttpProblem } from '../http/problems.ts';
import { json, route, type Route } from '../http/route.ts';
import { findCall } from './call-view.ts';
import { callParams, callTarget } from './calls.ts';
import type { ApiContext } from './context.ts';
import { jsonOf, problems } from './responses.ts';
import { utterance, word } from './schemas/call.ts';
import { isoTime, page } from './schemas/common.ts';

const utteranceParams = callParams.extend({ utteranceId: z.string().min(1).max(100) });
const newText = z
  .strictObject({
    text: z.string().trim().min(1).max(5000).meta({ description: 'Masks ([CARD] ...) stay as they are' }),
  })
  .meta({ id: 'TextCorrection' });
const earlierText = z
  .object({
    revision: z.int(),
    textBy: z.enum(textAuthors),
    text: z.string(),
    words: z.array(word),
    confidence: z.number(),
    language: z.string(),
    replacedAt: isoTime,
  })
  .meta({ id: 'EarlierText', description: 'What stood in an utterance before its text was replaced; redacted' });

/** The words of one utterance: put right by a person, and as they were before. */
export function textRoutes(context: ApiContext): readonly Route[] {
  return [
    route({
      id: 'correctText',
      method: 'patch',
      path: '/api/v1/calls/{callId}/utterances/{utteranceId}',
      tag: 'Calls',
      summary:
        'Puts the words of an utterance right, in a call that has ended: a new revision, redacted as if it had been said ' +
        'so; the first is kept, and findings, metrics and search follow',
      access: 'admin',
      params: utteranceParams,
      body: newText,
      audit: {
        kind: 'change',
        action: 'text-corrected',
        target: callTarget,
        detail: ({ params }) => ({ utteranceId: params.utteranceId }),
      },
      responses: { 200: jsonOf('The utterance as it is now', utterance), ...problems(400, 401, 403, 404, 409, 503) },
      handle: async ({ params, body }) => {
        const { live } = await findCall(context, params.callId);
        if (live) throw new HttpProblem('conflict', 'the call is still running: put it right when it has ended');
        return json(await context.corrections.correctText(params.callId, params.utteranceId, body.text));
      },
    }),
    route({
      id: 'listRevisions',
      method: 'get',
      path: '/api/v1/calls/{callId}/utterances/{utteranceId}/revisions',
      tag: 'Calls',
      summary: 'What stood in an utterance before a person or the second pass replaced it, the first one first',
      access: 'reader',
      params: utteranceParams,
      audit: {
        kind: 'read',
        action: 'transcript-read',
        target: callTarget,
        detail: ({ params }) => ({ utteranceId: params.utteranceId }),
      },
      responses: { 200: jsonOf('Earlier texts', page(earlierText)), ...problems(401, 404, 503) },
      handle: async ({ params }) => {
        await findCall(context, params.callId);
        const texts = await context.database.calls.earlierTexts(params.callId, params.utteranceId);
        return json({ items: texts.map(textAnswer), next: null });
      },
    }),
  ];
}

function textAnswer({ revision, textBy, text, words, confidence, language, replacedAt }: EarlierText): unknown {
  return { revision, textBy: textBy ?? 'recogniser', text, words, confidence, language, replacedAt };
}
