import type { Config, TrunkConfig } from '#lib/config/schema.ts';
import { allowedMethods } from './context.ts';
import { applyHeaderRules, passedFields, wantsPrivacy, withoutIdentity } from './header-rules.ts';
import { fromForCallee } from './identity.ts';
import type { HeaderFields, SipRequest } from './messages.ts';
import { requestSession } from './session-expiry.ts';

export interface InviteFieldsInput {
  readonly invite: SipRequest;
  readonly config: Config;
  /** The caller's asserted identities are believed. */
  readonly callerTrusted: boolean;
  readonly targetTrunk: TrunkConfig | undefined;
  readonly targetUri: string;
  readonly maxForwards: number;
  /** Translated already. */
  readonly replaces: string | undefined;
  readonly reliableProvisionals: boolean;
  readonly ourAddress: string;
  readonly hasBody: boolean;
}

/** The B leg's INVITE: what the caller's says and may be passed on, and what is ours to say. */
export function inviteFields(input: InviteFieldsInput): HeaderFields {
  const { invite, config } = input;
  const hidden = wantsPrivacy(invite.headers);
  const passed = passedFields(invite.headers, input.callerTrusted);
  // Only a far end within the trust domain is told who a caller is that asked not to be known (RFC 3325 section 9.3).
  const shown = hidden && input.targetTrunk?.trusted !== true ? withoutIdentity(passed) : passed;
  const supported = ['timer', 'replaces', ...(input.reliableProvisionals ? ['100rel'] : [])];
  return {
    ...applyHeaderRules(shown, config.sip.headers),
    From: fromForCallee(invite.headers, hidden, input.ourAddress),
    To: `<${input.targetUri}>`,
    'Max-Forwards': String(input.maxForwards),
    Allow: allowedMethods,
    Supported: supported.join(', '),
    ...requestSession(config.sip.sessionExpiresS),
    ...(input.replaces === undefined ? {} : { Replaces: input.replaces }),
    ...(invite.headers.lists('require', 'replaces') ? { Require: 'replaces' } : {}),
    ...(input.hasBody ? { 'Content-Type': 'application/sdp' } : {}),
  };
}
