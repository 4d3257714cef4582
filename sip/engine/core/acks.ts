import type { Dialog } from '../dialog/dialog.ts';
import { dialogFromResponse } from '../dialog/dialog.ts';
import { Headers } from '../message/headers.ts';
import { noBody, serialize, type ReceivedResponse, type SipRequest } from '../message/message.ts';
import type { AppLink } from '../control/app-link.ts';
import type { Flow } from '../transport/flow.ts';
import { ClientRequest } from './client-request.ts';
import type { Core } from './core.ts';
import { draftInside, finish, nextInside } from './draft.ts';
import { newBranch } from './tokens.ts';

/** The flow that requests of a dialog take to this URI: as `ClientRequest.start`, step by step, so that order holds. */
async function flowTowards(core: Core, nextHop: string, preferred: Flow): Promise<Flow> {
  const [first] = await core.transports.hopsFor(nextHop);
  if (first === undefined) return preferred;
  if (preferred.transport === 'tcp' && preferred.alive && preferred.remoteAddress === first.address) return preferred;
  return core.transports.reach(first);
}

/**
 * The ACK for a 2xx to the dialog's last INVITE (RFC 3261 section 13.2.2.4): the core's to send, with the
 * credentials of the INVITE, and again for each copy of the 2xx. Resolves when it is out.
 * @throws SidetoneError `sip-unreachable`
 */
export async function sendAck(core: Core, dialog: Dialog, app: Headers, body: Buffer): Promise<SipRequest> {
  const invite = dialog.lastInvite;
  const sequence = invite?.sequence ?? dialog.localSequence;
  const headers = new Headers();
  if (invite !== undefined) {
    headers.copy('Authorization', invite.headers).copy('Proxy-Authorization', invite.headers);
  }
  for (let at = 0; at < app.names.length; at += 1) headers.add(app.names[at] ?? '', app.values[at] ?? '');
  const draft = draftInside(dialog, 'ACK', sequence, headers, body);
  const flow = await flowTowards(core, draft.nextHop, dialog.flow);
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

/** BYE from the engine itself; what becomes of it is nobody's concern. Resolves with what was sent. */
export async function sendBye(
  core: Core,
  dialog: Dialog,
  reason: string,
): Promise<{ message: SipRequest; flow: Flow } | undefined> {
  let out: { message: SipRequest; flow: Flow } | undefined;
  const draft = nextInside(dialog, 'BYE', new Headers().add('Reason', reason), noBody);
  const bye = new ClientRequest(core, draft, {
    sent: (message, flow) => {
      out = { message, flow };
    },
    response: () => undefined,
    failed: () => undefined,
    lateAnswer: () => undefined,
  });
  await bye.start(dialog.flow).catch(() => core.counters.transport('unreachable', dialog.flow.transport));
  return out;
}

/** A 2xx that nobody wants any more: acknowledged and ended (RFC 3261 section 13.2.2.4, 15). */
export async function endUnwanted(
  core: Core,
  invite: SipRequest,
  response: ReceivedResponse,
  flow: Flow,
  link: AppLink,
): Promise<Dialog> {
  const dialog = dialogFromResponse(invite, response, { id: 'unwanted', link, flow });
  dialog.lastInvite = { sequence: response.cseq, headers: invite.headers };
  core.counters.unwantedAnswer();
  await sendAck(core, dialog, new Headers(), noBody).catch(() => undefined);
  await sendBye(core, dialog, 'SIP;cause=487;text="answer not wanted"');
  return dialog;
}
