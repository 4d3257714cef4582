import { z } from 'zod';
import type { Utterance } from '#analytics/types.ts';
import { unreachable } from '#lib/errors.ts';
import { HttpProblem } from '../http/problems.ts';
import { toContactLens, toTranscribe, type WholeCall } from '../transcript/amazon.ts';
import { toPlainText, toVtt } from '../transcript/subtitles.ts';
import { json, route, type Reply, type Route } from '../http/route.ts';
import { findTranscript, type CallState } from './call-view.ts';
import { callParams, callTarget } from './calls.ts';
import type { ApiContext } from './context.ts';
import { problems } from './responses.ts';
import { contactLens, transcribe } from './schemas/amazon.ts';
import { utterance } from './schemas/call.ts';
import { callId, one, page } from './schemas/common.ts';

const formats = ['json', 'vtt', 'txt', 'contact-lens', 'transcribe'] as const;
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
    summary:
      'The transcript as JSON, WebVTT or plain text, by `format` or Accept; of a call that has ended also as Amazon ' +
      'Connect Contact Lens or Amazon Transcribe Call Analytics would write it',
    access: 'reader',
    params: callParams,
    query: z.object({ format: one(z.enum(formats).optional()) }),
    audit: { kind: 'read', action: 'transcript-read', target: callTarget },
    responses: {
      200: {
        description: 'The transcript',
        content: {
          'application/json': z.union([transcript, contactLens, transcribe]),
          'text/vtt': z.string(),
          'text/plain': z.string(),
        },
      },
      ...problems(400, 401, 404, 409, 503),
    },
    handle: async ({ params, query, header, record }) => {
      const { state, utterances } = await findTranscript(context, params.callId);
      const format = query.format ?? accepted(header('accept'));
      record({ format, utterances: utterances.length });
      return replyIn(format, state, utterances);
    },
  });
}

function replyIn(format: Format, state: CallState, utterances: readonly Utterance[]): Reply {
  switch (format) {
    case 'json':
      return json({ callId: state.call.callId, live: state.live, items: utterances, next: null });
    case 'vtt':
      return { kind: 'text', contentType: 'text/vtt', body: toVtt(utterances) };
    case 'txt':
      return { kind: 'text', contentType: 'text/plain', body: toPlainText(utterances) };
    case 'contact-lens':
      return json(toContactLens(wholeCall(state, utterances)));
    case 'transcribe':
      return json(toTranscribe(wholeCall(state, utterances)));
    default:
      return unreachable(format);
  }
}

function wholeCall(state: CallState, utterances: readonly Utterance[]): WholeCall {
  if (state.live) throw new HttpProblem('conflict', 'the call is still running: this format is of a whole call');
  return { ...state, utterances };
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
