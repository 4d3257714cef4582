import type { Call } from './call.ts';
import type { CallContext } from './context.ts';
import { sendInDialog } from './dialog-request.ts';
import { relayedFields } from './header-rules.ts';
import { infoDigitMs } from './info-digit.ts';
import type { Leg } from './leg.ts';
import type { SipRequest } from './messages.ts';
import { recordCommand } from './record-command.ts';
import { readdressReferTo } from './refer-to.ts';
import { translateReferTo } from './replaces.ts';

/** Takes an INFO, MESSAGE, NOTIFY or REFER to the other leg and its final response back. */
export async function relay(context: CallContext, call: Call, from: Leg, request: SipRequest): Promise<void> {
  const to = call.other(from);
  if (to === undefined || to.dialogId === '') {
    await request.respond(500, { headers: { 'Retry-After': '5' } }).catch(() => undefined);
    return;
  }
  const headers = relayedFields(request.headers, from, to);
  if (request.method === 'INFO') {
    const durationMs = infoDigitMs(request.headers.get('content-type'), request.body);
    if (durationMs !== undefined) call.media.digitByInfo(from.side, durationMs);
    const command = recordCommand(request.headers);
    if (command !== undefined) call.wantPause(command === 'pause', from.side);
    const paused = call.infoCodes.read(from.side, request, context.clock.nowMs());
    if (paused !== undefined) call.wantPause(paused, 'dtmf');
  }
  const referTo = request.headers.get('refer-to');
  if (request.method === 'REFER' && referTo !== undefined) {
    const ownPorts = new Set(context.agent.bindings.map(({ port }) => port));
    headers['Refer-To'] = readdressReferTo(
      translateReferTo(referTo, (callId) => context.registry.identifiers(callId)),
      ownPorts,
      from.session.address,
      to.session.address,
    );
    call.note('transfer', `asked-by-${from.side}`);
  }
  if (request.method === 'NOTIFY') {
    for (const [name, value] of Object.entries(headers)) {
      if (name.toLowerCase() === 'event') headers[name] = from.referIds.translate(value);
    }
  }
  const received = Number.parseInt(request.headers.get('cseq') ?? '', 10);
  const response = await sendInDialog(
    context,
    to,
    { method: request.method, headers, ...(request.body === '' ? {} : { body: request.body }) },
    (sequence) => {
      if (request.method === 'REFER') to.referIds.passed(sequence, received);
    },
  ).final;
  await request
    .respond(response.status, {
      reason: response.reason,
      headers: relayedFields(response.headers, to, from),
      ...(response.body === '' ? {} : { body: response.body }),
    })
    .catch(() => undefined);
}
