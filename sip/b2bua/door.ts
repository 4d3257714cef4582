import { createAdmission, type Admission } from '../auth/admission.ts';
import type { RtpengineForks } from '../rtpengine/forks.ts';
import { receiveForkMessage } from '../rtpengine/receive-message.ts';
import { srsAccept } from '../siprec/recording-invite.ts';
import type { Srs } from '../siprec/srs.ts';
import { allowedMethods, supportedExtensions, type CallContext } from './context.ts';
import { admitInvite } from './invite-checks.ts';
import type { SipRequest } from './messages.ts';
import type { Refusals } from './refusals.ts';
import { startCall } from './start-call.ts';

/** s until a refused caller may try again. */
const drainingRetryAfterS = 30;

export interface Door {
  receive(request: SipRequest): void;
  /** No further calls: INVITE and OPTIONS are answered 503, calls that are up go on. */
  drain(): void;
}

/**
 * Every request that arrives: in a dialog it goes to its call, outside one it is judged here. An admitted INVITE that
 * brings a copy of a call goes to the recording server; an admitted MESSAGE tells of a call to be copied from rtpengine.
 */
export function createDoor(context: CallContext, refusals: Refusals, srs: Srs, copies?: RtpengineForks): Door {
  const admit = createAdmission(context.config, context.clock);
  let draining = false;

  /** Undefined: refused or challenged, and answered. */
  const admitted = (request: SipRequest): Extract<Admission, { kind: 'admitted' }> | undefined => {
    const admission = admit({
      sourceAddress: request.source.address,
      method: request.method,
      uri: request.uri,
      body: request.body,
      authorization: request.headers.get('authorization'),
    });
    if (admission.kind === 'refused') {
      refusals.refuse(request, 403, 'source-not-allowed');
      return undefined;
    }
    if (admission.kind === 'challenge') {
      const headers = { 'WWW-Authenticate': admission.challenges };
      if (admission.wrong) refusals.refuse(request, 401, 'wrong-credentials', headers);
      else request.respond(401, { headers }).catch(() => undefined);
      return undefined;
    }
    return admission;
  };

  const invite = (request: SipRequest): void => {
    if (draining) {
      const headers = { 'Retry-After': String(drainingRetryAfterS) };
      refusals.refuse(request, 503, 'server-draining', headers);
      return;
    }
    const admission = admitted(request);
    if (admission === undefined) return;
    if (srs.takes(request, admission.trunk)) {
      context.tasks.add(srs.invite(request, admission));
      return;
    }
    const checked = admitInvite(context, request);
    if (checked.kind === 'refused') refusals.refuse(request, checked.status, checked.reason, checked.headers);
    else context.tasks.add(startCall(context, request, { ...checked, ...admission, kind: 'admitted' }));
  };

  const receive = (request: SipRequest): void => {
    const known = context.registry.leg(request.dialogId);
    if (known !== undefined) {
      known.call.onRequest?.(known.leg, request);
      return;
    }
    if (srs.receive(request)) return;
    if (request.method === 'ACK' || request.unsolicited) return;
    if (request.toTag !== undefined) {
      refusals.refuse(request, 481, 'unknown-dialog');
      return;
    }
    switch (request.method) {
      case 'INVITE':
        invite(request);
        return;
      case 'OPTIONS':
        request
          .respond(draining ? 503 : 200, {
            headers: {
              Allow: allowedMethods,
              Accept: srsAccept,
              Supported: `${supportedExtensions}, siprec`,
              ...(draining ? { 'Retry-After': String(drainingRetryAfterS) } : {}),
            },
          })
          .catch(() => undefined);
        return;
      case 'MESSAGE':
        if (copies === undefined) refusals.refuse(request, 405, 'message-not-allowed', { Allow: allowedMethods });
        else if (admitted(request) !== undefined) context.tasks.add(receiveForkMessage(copies, refusals, request));
        return;
      case 'BYE':
      case 'PRACK':
      case 'UPDATE':
      case 'INFO':
        refusals.refuse(request, 481, 'unknown-dialog');
        return;
      default:
        // REGISTER among them: this is no registrar.
        refusals.refuse(request, 405, `${request.method.toLowerCase()}-not-allowed`, { Allow: allowedMethods });
    }
  };

  return {
    receive,
    drain: () => {
      draining = true;
    },
  };
}
