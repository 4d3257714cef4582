import { callIdHeader } from '../b2bua/context.ts';
import type { SipRequest } from '../b2bua/messages.ts';
import type { Refusals } from '../b2bua/refusals.ts';
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
    refusals.refuse(request, 415, 'message-type', { Accept: forkMessageType }, `send it as ${forkMessageType}`);
    return;
  }
  const { status, callId, refusal } = await answerForkMessage(forks, request.body);
  if (refusal === undefined) {
    const headers = callId === undefined ? {} : { [callIdHeader]: callId };
    // The proxy may have given up waiting.
    await request.respond(status, { headers }).catch(() => undefined);
    return;
  }
  const { code, message, retryAfterS } = refusal;
  const headers = {
    // RFC 3261 section 20.43; the text is a quoted string.
    Warning: `399 sidetone "${message.replaceAll(/["\\\r\n]/g, "'")}"`,
    ...(retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) }),
  };
  refusals.refuse(request, status, `fork-${code}`, headers, message);
}
