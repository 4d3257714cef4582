import { keptIdentityHeaders } from '../b2bua/identity.ts';
import type { SipRequest } from '../b2bua/messages.ts';
import type { RecordingState } from './recording-state.ts';

/** A `sipSessionID` that is a Call-ID, as OpenSIPS and others write it: a Session-ID (RFC 7989) is 32 hexadecimal digits. */
export function callIdsIn(state: RecordingState): readonly string[] {
  return state.sipSessionIds.filter((id) => !/^[0-9a-f]{32}(?:;|$)/i.test(id));
}

/** For the call's row: identities, and what ties the copy to the call that it is of. */
export function keptHeaders(
  invite: SipRequest,
  trusted: boolean,
  state: RecordingState,
): Readonly<Record<string, string>> {
  const kept: Record<string, string> = { ...keptIdentityHeaders(invite.headers, trusted) };
  for (const name of ['user-agent', 'session-id', 'user-to-user']) {
    const value = invite.headers.get(name);
    if (value !== undefined) kept[name] = value;
  }
  if (state.groupIds.length > 0) kept['siprec-group'] = state.groupIds.join(', ');
  if (state.sessionIds.length > 0) kept['siprec-session'] = state.sessionIds.join(', ');
  if (state.sipSessionIds.length > 0) kept['siprec-sip-session'] = state.sipSessionIds.join(', ');
  return kept;
}
