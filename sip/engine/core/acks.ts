import type { Dialog } from '../dialog/dialog.ts';
import { Headers } from '../message/headers.ts';
import { serialize, type SipRequest } from '../message/message.ts';
import { isReady, sameConnection } from './client-request.ts';
import type { Core } from './core.ts';
import { draftInside, finish } from './draft.ts';
import { newBranch } from './tokens.ts';

/**
 * The ACK for a 2xx to the dialog's last accepted INVITE (RFC 3261 section 13.2.2.4): the core's to send, with the
 * credentials of the INVITE, and again for each copy of the 2xx. It is out on return where no name has to be looked up and
 * no connection opened; else when the promise resolves, and other requests of the dialog wait for that.
 * @throws SidetoneError `sip-unreachable`
 */
export async function sendAck(core: Core, dialog: Dialog, app: Headers, body: Buffer): Promise<SipRequest> {
  const invite = dialog.acceptedInvite;
  const sequence = invite?.sequence ?? dialog.localSequence;
  const headers = new Headers();
  if (invite !== undefined) {
    headers.copy('Authorization', invite.headers).copy('Proxy-Authorization', invite.headers);
  }
  for (let at = 0; at < app.names.length; at += 1) headers.add(app.names[at] ?? '', app.values[at] ?? '');
  const draft = draftInside(dialog, 'ACK', sequence, headers, body);
  const hops = core.transports.hopsFor(draft.nextHop, dialog.flow.transport);
  const [hop] = isReady(hops) ? hops : await hops;
  const flow =
    hop === undefined || sameConnection(hop, dialog.flow)
      ? dialog.flow
      : (core.transports.reachNow(hop) ?? (await core.transports.reach(hop)));
  const message = finish({ ...draft, contact: undefined }, flow, newBranch());
  const bytes = serialize(message);
  dialog.lastAck = { sequence, bytes, flow };
  core.counters.sent('request', flow.transport);
  flow.send(bytes);
  return message;
}

/** The 2xx came again: so does its ACK. False when the application has not acknowledged it yet. */
export function resendAck(core: Core, dialog: Dialog, sequence: number): boolean {
  const ack = dialog.lastAck;
  if (ack?.sequence !== sequence) return false;
  core.counters.retransmitted();
  ack.flow.send(ack.bytes);
  return true;
}
