import type { Call } from './call.ts';
import { allowedMethods, type CallContext } from './context.ts';
import { fieldsAcross } from './header-rules.ts';
import type { Leg } from './leg.ts';
import type { SipRequest } from './messages.ts';
import { relay } from './relay.ts';
import { renegotiate } from './renegotiate.ts';
import type { Setup } from './setup.ts';

/** A request of a leg's dialog, by method. The dialog's peer is never refused for who it is. */
export function receiveInDialog(context: CallContext, call: Call, setup: Setup, leg: Leg, request: SipRequest): void {
  const respond = (status: number, headers: Record<string, string> = {}): void => {
    request.respond(status, { headers }).catch(() => undefined);
  };
  switch (request.method) {
    case 'ACK':
      if (leg === call.caller && call.state !== 'established') setup.acknowledged(request);
      leg.receiveAck(request);
      return;
    case 'BYE':
      bye(call, leg, request);
      return;
    case 'PRACK':
      if (leg === call.caller) setup.provisionals.prack(request);
      else respond(481);
      return;
    case 'INVITE':
    case 'UPDATE':
      if (call.state === 'ended') respond(481);
      else context.tasks.add(renegotiate(context, call, leg, request));
      return;
    case 'INFO':
    case 'MESSAGE':
    case 'NOTIFY':
    case 'REFER':
      if (call.state === 'ended') respond(481);
      else context.tasks.add(relay(context, call, leg, request));
      return;
    case 'OPTIONS':
      respond(200, { Allow: allowedMethods, Accept: 'application/sdp' });
      return;
    default:
      respond(405, { Allow: allowedMethods });
  }
}

function bye(call: Call, leg: Leg, request: SipRequest): void {
  if (request.unsolicited) {
    // The engine gave the dialog up: the ACK never came, or the session was not refreshed (RFC 4028 section 10).
    const noAck = call.state === 'answering' || (request.headers.get('reason') ?? '').includes('ACK');
    call.end(noAck ? 'no-ack' : 'session-expired', { gone: leg.side });
    return;
  }
  request.respond(200).catch(() => undefined);
  const reason = leg.side === 'caller' ? 'caller-hung-up' : 'callee-hung-up';
  const headers = fieldsAcross(request.headers, leg, call.other(leg));
  call.end(reason, { gone: leg.side, headers });
}
