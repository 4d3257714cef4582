import type { TrunkConfig } from '#lib/config/schema.ts';
import { createAdmission, type Admission } from '../auth/admission.ts';
import type { RtpengineForks } from '../rtpengine/forks.ts';
import { receiveForkMessage } from '../rtpengine/receive-message.ts';
import { srsAccept } from '../siprec/recording-invite.ts';
import type { Srs } from '../siprec/srs.ts';
import { createSourceNames } from '../sources/identity.ts';
import { peerText } from '../sources/ladders.ts';
import type { SourceIdentity } from '../types.ts';
import { allowedMethods, supportedExtensions, type CallContext } from './context.ts';
import { admitInvite, unsupportedOf } from './invite-checks.ts';
import type { SipRequest } from './messages.ts';
import { refused } from './refusals.ts';
import { startCall } from './start-call.ts';

/** Of `allowedMethods`, what is taken outside a dialog or begins one, and what is known there to no dialog. */
const methodsOutside = 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO';

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
export function createDoor(context: CallContext, srs: Srs, copies?: RtpengineForks): Door {
  const { config, refusals, sources } = context;
  const admit = createAdmission(config, context.clock);
  const sourceNameOf = createSourceNames(config);
  let draining = false;

  /** Whose a request outside a dialog is. `trunk`: the one that it was admitted by. */
  const sourceOf = (request: SipRequest, trunk?: TrunkConfig): SourceIdentity => {
    const named = sourceNameOf(request.source.address);
    const sourceName = trunk?.name ?? named.sourceName;
    return { source: request.method === 'INVITE' && srs.takes(request, trunk) ? 'siprec' : named.source, sourceName };
  };

  const refuse = (request: SipRequest, ...[status, reason, headers]: Parameters<typeof refused>): void => {
    refusals.refuse(request, refused(status, reason, headers), sourceOf(request));
  };

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
      refuse(request, 403, 'source-not-allowed');
      return undefined;
    }
    if (admission.kind === 'challenge') {
      const headers = { 'WWW-Authenticate': admission.challenges };
      if (admission.wrong) refuse(request, 401, 'wrong-credentials', headers);
      else request.respond(401, { headers }).catch(() => undefined);
      return undefined;
    }
    return admission;
  };

  const invite = (request: SipRequest): void => {
    if (draining) {
      refuse(request, 503, 'server-draining', { 'Retry-After': String(drainingRetryAfterS) });
      return;
    }
    const admission = admitted(request);
    if (admission === undefined) return;
    const from = sourceOf(request, admission.trunk);
    sources.seen(from, peerText(request.source.address, request.source.port));
    if (from.source === 'siprec') {
      context.tasks.add(srs.invite(request, admission));
      return;
    }
    const checked = admitInvite(context, request);
    if (checked.kind === 'refused') refusals.refuse(request, checked, from);
    else context.tasks.add(startCall(context, request, { ...checked, ...admission, kind: 'admitted' }));
  };

  const receive = (request: SipRequest): void => {
    const known = context.registry.leg(request.dialogId);
    if (known !== undefined) {
      sources.heard(known.call.callId, peerText(request.source.address, request.source.port));
      known.call.onRequest?.(known.leg, request);
      return;
    }
    if (srs.receive(request)) return;
    if (request.method === 'ACK' || request.unsolicited) return;
    if (request.toTag !== undefined) {
      refuse(request, 481, 'unknown-dialog');
      return;
    }
    switch (request.method) {
      case 'INVITE':
        invite(request);
        return;
      case 'OPTIONS':
        if (unsupportedOf(request).length > 0) {
          refuse(request, 420, 'bad-extension', { Unsupported: unsupportedOf(request).join(', ') });
          return;
        }
        sources.seen(sourceOf(request), peerText(request.source.address, request.source.port));
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
        if (copies === undefined) refuse(request, 405, 'message-not-allowed', { Allow: methodsOutside });
        else if (admitted(request) !== undefined) context.tasks.add(receiveForkMessage(copies, refusals, request));
        return;
      case 'BYE':
      case 'PRACK':
      case 'UPDATE':
      case 'INFO':
        refuse(request, 481, 'unknown-dialog');
        return;
      default:
        // REGISTER among them: this is no registrar.
        refuse(request, 405, `${request.method.toLowerCase()}-not-allowed`, {
          Allow: copies === undefined ? methodsOutside : `${methodsOutside}, MESSAGE`,
        });
    }
  };

  return {
    receive,
    drain: () => {
      draining = true;
    },
  };
}
