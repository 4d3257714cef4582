import { callIdHeader } from '../b2bua/context.ts';
import type { SipRequest } from '../b2bua/messages.ts';
import { refused, type Refusals } from '../b2bua/refusals.ts';
import { answerForkMessage, forkMessageType } from './fork-message.ts';
import type { RtpengineForks } from './forks.ts';

/** An admitted MESSAGE outside a dialog: a proxy tells of a call of its. Never rejects. */
export async function receiveForkMessage(
  forks: RtpengineForks,
  refusals: Refusals,
  request: SipRequest,
): Promise<void> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== forkMessageType) {
    const remedy = `send it as ${forkMessageType}`;
    refusals.refuse(request, refused(415, 'message-type', { Accept: forkMessageType }, remedy), forks.source);
    return;
  }
  const { status, callId, refusal } = await answerForkMessage(forks, request.body);
  if (refusal === undefined) {
    const headers = callId === undefined ? {} : { [callIdHeader]: callId };
    // The proxy may have given up waiting.
    await request.respond(status, { headers }).catch(() => undefined);
    return;
  }
  const { code, message, retryAfterS, isUnread } = refusal;
  const headers = retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) };
  // What the forks refuse they tell the book of sources themselves: they are asked by the API as well.
  refusals.refuse(request, refused(status, `fork-${code}`, headers, message), isUnread ? forks.source : undefined);
}
