import { z } from 'zod';
import { toPlainText, toVtt } from '../transcript/subtitles.ts';
import { json, route, type Route } from '../http/route.ts';
import { findTranscript } from './call-view.ts';
import { callParams, callTarget } from './calls.ts';
import type { ApiContext } from './context.ts';
import { problems } from './responses.ts';
import { utterance } from './schemas/call.ts';
import { callId, one, page } from './schemas/common.ts';

const formats = ['json', 'vtt', 'txt'] as const;
type Format = (typeof formats)[number];
const transcript = page(utterance)
  .extend({ callId, live: z.boolean() })
  .meta({ id: 'Transcript', description: 'Utterances by start' });

export function transcriptRoute(context: ApiContext): Route {
  return route({
    id: 'getTranscript',
    method: 'get',
    path: '/api/v1/calls/{callId}/transcript',
    tag: 'Calls',
    summary: 'The transcript as JSON, WebVTT or plain text, by `format` or Accept',
    access: 'reader',
    params: callParams,
    query: z.object({ format: one(z.enum(formats).optional()) }),
    audit: { kind: 'read', action: 'transcript-read', target: callTarget },
    responses: {
      200: {
        description: 'The transcript',
        content: {
          'application/json': transcript,
          'text/vtt': z.string(),
          'text/plain': z.string(),
        },
      },
      ...problems(400, 401, 404, 503),
    },
    handle: async ({ params, query, header, record }) => {
      const { state, utterances } = await findTranscript(context, params.callId);
      const format = query.format ?? accepted(header('accept'));
      record({ format, utterances: utterances.length });
      if (format === 'json') return json({ callId: params.callId, live: state.live, items: utterances, next: null });
      const body = format === 'vtt' ? toVtt(utterances) : toPlainText(utterances);
      return { kind: 'text', contentType: format === 'vtt' ? 'text/vtt' : 'text/plain', body };
    },
  });
}

/** The first of our types that Accept names; JSON when it names none. */
function accepted(accept: string | undefined): Format {
  for (const entry of (accept ?? '').split(',')) {
    const type = entry.split(';')[0]?.trim();
    if (type === 'text/vtt') return 'vtt';
    if (type === 'text/plain') return 'txt';
    if (type === 'application/json') return 'json';
  }
  return 'json';
}
