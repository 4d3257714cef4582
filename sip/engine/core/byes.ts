import type { AppLink } from '../control/app-link.ts';
import { dialogFromResponse, type Dialog } from '../dialog/dialog.ts';
import { Headers } from '../message/headers.ts';
import { noBody, type ReceivedResponse, type SipRequest } from '../message/message.ts';
import type { Flow } from '../transport/flow.ts';
import { sendAck } from './acks.ts';
import { ClientRequest } from './client-request.ts';
import type { Core } from './core.ts';
import { nextInside } from './draft.ts';

interface SentBye {
  readonly message: SipRequest;
  readonly flow: Flow;
}

/** BYE from the engine itself; what becomes of it is nobody's concern. Undefined when it could not be sent. */
async function sendBye(core: Core, dialog: Dialog, reason: string): Promise<SentBye | undefined> {
  let out: SentBye | undefined;
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

/**
 * Ends a dialog that the application believes alive: BYE to the peer, and the same BYE to the application, unsolicited,
 * which is how drachtio-server says it (srf's dialog emits `destroy` with the text of the Reason).
 */
export async function endDialog(core: Core, dialog: Dialog, reason: string): Promise<void> {
  if (dialog.state === 'terminated') return;
  const sending = sendBye(core, dialog, reason);
  core.dialogs.end(dialog);
  const bye = await sending;
  const headers = new Headers()
    .add('Via', 'SIP/2.0/UDP localhost')
    .add('From', dialog.local)
    .add('To', dialog.remote)
    .add('Call-ID', dialog.callId)
    .add('CSeq', `${dialog.localSequence} BYE`)
    .add('Reason', reason);
  const unsent = { kind: 'request', method: 'BYE', uri: dialog.remoteTarget, headers, body: noBody } as const;
  const meta = { flow: bye?.flow ?? dialog.flow, transactionId: 'unsolicited', dialogId: dialog.id };
  dialog.link.deliver('application', meta, bye?.message ?? unsent);
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
  dialog.acceptedInvite = { sequence: response.cseq, headers: invite.headers };
  core.counters.unwantedAnswer();
  await sendAck(core, dialog, new Headers(), noBody).catch(() => undefined);
  await sendBye(core, dialog, 'SIP;cause=487;text="answer not wanted"');
  return dialog;
}
