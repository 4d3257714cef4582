import { SidetoneError, toError, type ErrorCode } from '#lib/errors.ts';
import { parseNameAddr } from '../routing/name-addr.ts';
import type { ForkRequest } from './fork-request.ts';
import type { RtpengineForks } from './forks.ts';

/**
 * How a SIP proxy tells us of a call, because this it can send without any module that does HTTP: a MESSAGE (RFC 3428)
 * whose body is a piece of the call's own signalling (RFC 3420), of which Call-ID, From and To are read:
 *
 *     SIP/2.0 200 OK              or       BYE sip:bob@192.0.2.7 SIP/2.0
 *     Call-ID: 4711@a.example              Call-ID: 4711@a.example
 *     From: "Ann" <sip:ann@a.example>;tag=a1
 *     To: <sip:bob@b.example>;tag=b2
 *
 * A 2xx says that the call is answered: take a copy. INVITE or UPDATE instead of BYE says that its parties have agreed to
 * something anew, BYE that it is over; of a call that is not copied neither matters.
 */
export const forkMessageType = 'message/sipfrag';

export type ForkMessage =
  | { readonly kind: 'answered'; readonly request: ForkRequest }
  | { readonly kind: 'changed' | 'over'; readonly sipCallId: string };

const maxLines = 200;

/** @throws SidetoneError `bad-request`, saying what it lacks */
export function readForkMessage(body: string): ForkMessage {
  // Folded lines are one line (RFC 3261 section 7.3.1).
  const [first = '', ...rest] = body.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/, maxLines);
  const fields = new Map<string, string>();
  for (const line of [first, ...rest]) {
    const field = /^([^\s:]{1,40})[ \t]*:[ \t]*(.*)$/.exec(line);
    if (field === null) continue;
    const name = (field[1] ?? '').toLowerCase();
    fields.set(compactNames[name] ?? name, (field[2] ?? '').trimEnd());
  }
  const sipCallId = fields.get('call-id');
  if (sipCallId === undefined) throw new SidetoneError('bad-request', 'the piece of a message has no Call-ID');
  const method = /^(BYE|INVITE|UPDATE) \S+ SIP\/2\.0$/.exec(first)?.[1];
  if (method !== undefined) return { kind: method === 'BYE' ? 'over' : 'changed', sipCallId };
  if (!/^SIP\/2\.0 2\d\d/.test(first)) {
    throw new SidetoneError(
      'bad-request',
      'the piece of a message begins neither with a 2xx nor with INVITE, UPDATE or BYE',
    );
  }
  const [caller, callee] = [fields.get('from'), fields.get('to')];
  const [fromTag, toTag] = [tagOf(caller), tagOf(callee)];
  return { kind: 'answered', request: { sipCallId, fromTag, toTag, caller, callee } };
}

const compactNames: Readonly<Record<string, string>> = { i: 'call-id', f: 'from', t: 'to' };

function tagOf(field: string | undefined): string | undefined {
  const tag = field === undefined ? undefined : parseNameAddr(field)?.parameters['tag'];
  return tag === '' ? undefined : tag;
}

export interface ForkMessageAnswer {
  readonly status: number;
  /** What we call the call that was begun. */
  readonly callId?: string;
  readonly refusal?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly retryAfterS?: number;
    /** The message itself is at fault: no fork was asked. */
    readonly isUnread: boolean;
  };
}

/** Does what the message asks. Never rejects. */
export async function answerForkMessage(forks: RtpengineForks, body: string): Promise<ForkMessageAnswer> {
  let isUnread = true;
  try {
    const message = readForkMessage(body);
    isUnread = false;
    if (message.kind === 'answered') return { status: 200, ...(await forks.fork(message.request)) };
    if (message.kind === 'changed') await forks.changed(message.sipCallId);
    else await forks.release(message.sipCallId);
    return { status: 200 };
  } catch (thrown) {
    const error = toError(thrown);
    const code = error instanceof SidetoneError ? error.code : 'internal-error';
    const [status, retryAfterS] = statuses[code] ?? [500];
    const retry = retryAfterS === undefined ? {} : { retryAfterS };
    return { status, refusal: { code, message: error.message, isUnread, ...retry } };
  }
}

const laterS = 10;
const statuses: Readonly<Partial<Record<ErrorCode, readonly [number, number?]>>> = {
  'bad-request': [400],
  'not-found': [404],
  conflict: [480],
  'unsupported-audio': [488],
  'rtpengine-refused': [502],
  'rtpengine-unavailable': [503, laterS],
  'server-draining': [503, laterS],
  'at-capacity': [503, laterS],
  'ports-exhausted': [503, laterS],
};
