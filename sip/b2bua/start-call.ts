import { hasCode, toError } from '#lib/errors.ts';
import type { TrunkConfig } from '#lib/config/schema.ts';
import { newId } from '#lib/ids.ts';
import { LegSession } from '../sdp/leg-session.ts';
import type { MediaCall, RecordPolicy, TerminationReason } from '../types.ts';
import { Call } from './call.ts';
import { terminationOf } from './call-state.ts';
import type { CallContext } from './context.ts';
import { keptIdentityHeaders, partiesOf } from './identity.ts';
import { receiveInDialog } from './in-dialog.ts';
import type { CheckedInvite } from './invite-checks.ts';
import { Leg } from './leg.ts';
import type { SipRequest } from './messages.ts';
import { recordPolicyOf } from './record-policy.ts';
import { refused } from './refusals.ts';
import { Setup } from './setup.ts';

export type AdmittedInvite = Omit<Extract<CheckedInvite, { kind: 'checked' }>, 'kind'> & {
  readonly kind: 'admitted';
  readonly trunk: TrunkConfig | undefined;
  readonly trusted: boolean;
};

/** s after which a caller may try again when the media ports were used up. */
const portsRetryAfterS = 10;

/** Makes a call of an admitted INVITE and sets it up. Resolves when the set-up has its end; never rejects. */
export async function startCall(context: CallContext, invite: SipRequest, admitted: AdmittedInvite): Promise<void> {
  const callId = newId(context.clock.nowEpochMs());
  context.metrics.started();
  const record = recordPolicyOf(context.config, invite.headers, admitted.record);
  const sourceName = admitted.trunk?.name ?? invite.source.address;
  context.emit(
    Object.freeze({
      type: 'ringing',
      callId,
      atEpochMs: context.clock.nowEpochMs(),
      source: 'b2bua',
      sourceName,
      sipCallIds: Object.freeze([invite.callId]),
      parties: partiesOf(invite.headers, invite.uri, admitted.trusted),
      record,
      ...(admitted.language === undefined ? {} : { language: admitted.language }),
      ...(admitted.phrases.length === 0 ? {} : { phrases: admitted.phrases }),
      headers: keptIdentityHeaders(invite.headers, admitted.trusted),
    } as const),
  );
  const made = await context.registry.calls.make(() =>
    makeCall(context, callId, { invite, admitted, record, sourceName }),
  );
  if (made === undefined) return;
  const { call, setup, ending } = made;
  if (ending !== undefined) {
    call.end(ending);
    return;
  }
  try {
    await setup.run();
  } catch (thrown) {
    context.logger.error({ err: toError(thrown), callId }, 'call set-up failed');
    call.end('internal-error');
  }
}

interface MadeCall {
  readonly call: Call;
  readonly setup: Setup;
  /** What all calls are being ended for. */
  readonly ending: TerminationReason | undefined;
}

/** Undefined: media had no place for it, and the caller has its answer. */
async function makeCall(
  context: CallContext,
  callId: string,
  given: { invite: SipRequest; admitted: AdmittedInvite; record: RecordPolicy; sourceName: string },
): Promise<MadeCall | undefined> {
  const { invite, admitted } = given;
  const media = await openMedia(context, callId, given);
  if (media === undefined) return undefined;
  const { rtpPort, address } = media.ports.caller;
  const caller = new Leg({
    side: 'caller',
    session: new LegSession(await context.localAddresses.learn(invite.source.address), rtpPort, address),
    signallingAddress: invite.source.address,
    trusted: admitted.trusted,
    trunk: admitted.trunk,
  });
  caller.identify({ callId: invite.callId, localTag: '', remoteTag: invite.fromTag });
  caller.learn(invite.headers);
  caller.remote = admitted.offer ?? null;
  const call = new Call(context, callId, caller, media);
  const ending = context.registry.calls.add(callId, call);
  call.applyMedia(caller);
  const setup = new Setup(context, call, { ...admitted, invite });
  call.onRequest = (leg, request) => receiveInDialog(context, call, setup, leg, request);
  return { call, setup, ending };
}

async function openMedia(
  context: CallContext,
  callId: string,
  { record, sourceName, invite }: { record: RecordPolicy; sourceName: string; invite: SipRequest },
): Promise<MediaCall | undefined> {
  try {
    return await context.media.open({ callId, record });
  } catch (thrown) {
    const exhausted = hasCode(thrown, 'ports-exhausted');
    const isRtpengine = hasCode(thrown, 'rtpengine-unavailable') || hasCode(thrown, 'rtpengine-refused');
    if (!exhausted) context.logger.error({ err: toError(thrown), callId }, 'media could not be opened');
    const termination = terminationOf('routing', exhausted ? 'ports-exhausted' : 'media-failed', 503);
    context.metrics.ended(termination);
    context.emit(Object.freeze({ type: 'ended', callId, atEpochMs: context.clock.nowEpochMs(), termination } as const));
    const refusal = refused(503, isRtpengine ? thrown.code : termination.reason, {
      'Retry-After': String(portsRetryAfterS),
    });
    context.refusals.refuse(invite, refusal, { source: 'b2bua', sourceName });
    return undefined;
  }
}
