import { isDeepStrictEqual } from 'node:util';
import { sdpIn } from '../sdp/body.ts';
import type { SessionDescription } from '../sdp/description.ts';
import { parseDescription } from '../sdp/parse.ts';
import type { Call } from './call.ts';
import { isAnswered } from './call-state.ts';
import { allowedMethods, supportedExtensions, type CallContext } from './context.ts';
import { sendInDialog } from './dialog-request.ts';
import { fieldsAcross } from './header-rules.ts';
import type { Leg } from './leg.ts';
import type { HeaderFields, SipRequest, SipResponse } from './messages.ts';
import { OfferAnswer } from './offer-answer.ts';
import { answerSession, requestSession } from './session-expiry.ts';

/**
 * A re-INVITE or UPDATE of one leg: taken to the other leg, and its answer back. A refresh, which repeats the session
 * or has none to offer, is answered here and touches no media (each leg has a session timer of its own, RFC 4028). On
 * any refusal the call goes on as it was.
 */
export async function renegotiate(context: CallContext, call: Call, from: Leg, request: SipRequest): Promise<void> {
  const refuse = (status: number, headers: HeaderFields = {}): Promise<unknown> =>
    request.respond(status, { headers }).catch(() => undefined);
  const to = call.other(from);
  const update = request.method === 'UPDATE';
  const session = answerSession(request.headers, context.config.sip.sessionExpiresS);
  if (session.kind === 'too-small') return void (await refuse(422, session.headers));
  from.learn(request.headers);
  const text = sdpIn(request.headers.get('content-type'), request.body);
  if (update && text === undefined) {
    await request.respond(200, { headers: ownFields(session.headers) }).catch(() => undefined);
    return;
  }
  if (to === undefined || to.dialogId === '') return void (await refuse(500, { 'Retry-After': '5' }));
  if (!update && !isAnswered(call.state)) return void (await refuse(491));
  // RFC 3261 section 14.2, RFC 3311 section 5.2: theirs twice at once is 500, theirs against ours is 491.
  if (from.negotiating === 'in')
    return void (await refuse(500, { 'Retry-After': String(Math.floor(Math.random() * 10)) }));
  if (from.negotiating === 'out' || to.negotiating !== undefined) return void (await refuse(491));
  const parsed = text === undefined ? undefined : parseDescription(text);
  if (parsed?.ok === false) return void (await refuse(488));
  const offer = parsed?.description;
  // By content: some phones raise no version when they hold, others raise it at every refresh.
  if (offer !== undefined && from.session.last !== undefined && isDeepStrictEqual(offer, from.remote)) {
    await respondWith(request, session.headers, from.session.last);
    return;
  }
  from.negotiating = 'in';
  to.negotiating = 'out';
  const release = (): void => {
    from.negotiating = undefined;
    to.negotiating = undefined;
  };
  await carry(context, call, { from, to, request, offer, sessionFields: session.headers }).finally(release);
}

interface Carried {
  readonly from: Leg;
  readonly to: Leg;
  readonly request: SipRequest;
  readonly offer: SessionDescription | undefined;
  readonly sessionFields: HeaderFields;
}

async function carry(context: CallContext, call: Call, carried: Carried): Promise<void> {
  const { from, to, request, offer } = carried;
  const exchange = offer && new OfferAnswer(call, from, offer, to);
  // A far end that does not know UPDATE is asked by re-INVITE, once that is possible.
  const method = request.method === 'UPDATE' && (to.allows('UPDATE') || !to.confirmed) ? 'UPDATE' : 'INVITE';
  const pending = sendInDialog(context, to, {
    method,
    headers: {
      ...fieldsAcross(request.headers, from, to),
      // Without it the other leg's timer would be switched off (RFC 4028 section 7.2).
      ...requestSession(context.config.sip.sessionExpiresS, to.sessionMinimumS),
      Allow: allowedMethods,
      Supported: supportedExtensions,
      ...(exchange === undefined ? {} : { 'Content-Type': 'application/sdp' }),
    },
    ...(exchange === undefined ? {} : { body: exchange.offerText }),
  });
  request.onCancel(() => pending.cancel());
  const response = await pending.final;
  if (response.status >= 300) {
    const retryAfter = response.headers.get('retry-after');
    await request
      .respond(response.status, {
        reason: response.reason,
        headers: {
          ...fieldsAcross(response.headers, to, from),
          ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }),
        },
      })
      .catch(() => undefined);
    return;
  }
  to.learn(response.headers);
  if (exchange === undefined) await answerDelayed(context, call, carried, response);
  else await answerOffer(carried, exchange, response, method);
}

async function answerOffer(
  carried: Carried,
  exchange: OfferAnswer,
  response: SipResponse,
  method: 'UPDATE' | 'INVITE',
): Promise<void> {
  if (method === 'INVITE') response.ack();
  const text = sdpIn(response.headers.get('content-type'), response.body);
  const parsed = text === undefined ? undefined : parseDescription(text);
  if (parsed?.ok !== true) {
    // The far end agreed to something that cannot be bridged: the offerer keeps what it had.
    await carried.request.respond(488).catch(() => undefined);
    return;
  }
  const fields = { ...fieldsAcross(response.headers, carried.to, carried.from), ...carried.sessionFields };
  await respondWith(carried.request, fields, exchange.accept(parsed.description));
}

/** No offer came in: the other leg's 2xx makes one, and the ACK of this leg answers it. */
async function answerDelayed(context: CallContext, call: Call, carried: Carried, response: SipResponse): Promise<void> {
  const { from, to, request } = carried;
  to.holdAck((body) => response.ack(body));
  const text = sdpIn(response.headers.get('content-type'), response.body);
  const parsed = text === undefined ? undefined : parseDescription(text);
  if (parsed?.ok !== true) {
    to.acknowledge(undefined);
    await request.respond(488).catch(() => undefined);
    return;
  }
  const exchange = new OfferAnswer(call, to, parsed.description, from);
  const acknowledged = from.nextAck(64 * context.timers.t1Ms);
  const fields = { ...fieldsAcross(response.headers, to, from), ...carried.sessionFields };
  await respondWith(request, fields, exchange.offerText);
  const ack = await acknowledged;
  const answerText = ack && sdpIn(ack.headers.get('content-type'), ack.body);
  const answer = answerText === undefined ? undefined : parseDescription(answerText);
  to.acknowledge(answer?.ok === true ? exchange.accept(answer.description) : undefined);
  if (ack === undefined) call.end('no-ack');
  else if (answer?.ok !== true) call.end('not-acceptable-here');
}

async function respondWith(request: SipRequest, fields: HeaderFields, body: string): Promise<void> {
  await request
    .respond(200, { headers: { ...ownFields(fields), 'Content-Type': 'application/sdp' }, body })
    .catch(() => undefined);
}

function ownFields(fields: HeaderFields): HeaderFields {
  return { ...fields, Allow: allowedMethods, Supported: supportedExtensions };
}
