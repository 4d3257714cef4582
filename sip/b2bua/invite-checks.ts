import { joinPhrases, phraseFault, tidyPhrase } from '#lib/phrases.ts';
import { parseUri } from '../routing/uri.ts';
import { sdpIn } from '../sdp/body.ts';
import type { SessionDescription } from '../sdp/description.ts';
import { parseDescription } from '../sdp/parse.ts';
import type { RecordPolicy } from '../types.ts';
import type { CallContext } from './context.ts';
import type { HeaderFields, SipRequest } from './messages.ts';
import { refused, type Refused } from './refusals.ts';
import { translateReplaces } from './replaces.ts';
import { answerSession } from './session-expiry.ts';

export type CheckedInvite =
  | Refused
  | {
      readonly kind: 'checked';
      readonly targets: readonly string[];
      /** Of the route; undefined where it says nothing. */
      readonly record: RecordPolicy | undefined;
      /** BCP 47, of the route. */
      readonly language: string | undefined;
      /** Of the INVITE itself, then of the route. */
      readonly phrases: readonly string[];
      /** Undefined: delayed offer. */
      readonly offer: SessionDescription | undefined;
      /** For the B leg: one less than the caller's (RFC 3261 section 16.6 step 3). */
      readonly maxForwards: number;
      readonly replaces: string | undefined;
      readonly sessionFields: HeaderFields;
    };

const understood: ReadonlySet<string> = new Set(['timer', '100rel', 'replaces', 'norefersub']);

/** What a request requires and nobody here knows (RFC 3261 section 8.2.2.3). */
export function unsupportedOf({ headers }: SipRequest): readonly string[] {
  return headers.list('require').filter((option) => !understood.has(option));
}

/**
 * Whether the 2xx may carry a description; an absent Accept means that it may (RFC 3261 section 20.1). Whoever offers one
 * gets one (section 13.2.1) and takes it, whatever its Accept lists: some devices write there what a MESSAGE may hold. Of
 * an INVITE that leaves the offer to us it is believed.
 */
function acceptsSdp({ headers }: SipRequest, offered: string | undefined): boolean {
  if (offered !== undefined) return true;
  const ranges = headers.list('accept').map((range) => range.split(';', 1)[0]?.trim() ?? '');
  const fitting = /^(?:application\/(?:sdp|\*)|multipart\/.+|\*\/\*)$/;
  return ranges.length === 0 || ranges.some((range) => fitting.test(range));
}

/** What an admitted caller's INVITE must fulfil before anything is set up for it. */
export function admitInvite(context: CallContext, invite: SipRequest): CheckedInvite {
  const { headers } = invite;
  if (!/^(sips?|tel):/i.test(invite.uri)) return refused(416, 'unsupported-uri-scheme');
  const uri = parseUri(invite.uri);
  if (uri === undefined || headers.get('contact') === undefined) return refused(400, 'malformed');
  const unsupported = unsupportedOf(invite);
  if (unsupported.length > 0) return refused(420, 'bad-extension', { Unsupported: unsupported.join(', ') });
  const contentType = headers.get('content-type');
  const text = sdpIn(contentType, invite.body);
  if (!acceptsSdp(invite, text)) return refused(406, 'not-acceptable', { Accept: 'application/sdp' });
  const hops = maxForwardsOf(headers.get('max-forwards'));
  if (hops <= 0) return refused(483, 'too-many-hops');
  const session = answerSession(headers, context.config.sip.sessionExpiresS);
  if (session.kind === 'too-small') return refused(422, 'session-interval-too-small', session.headers);
  if (text === undefined && invite.body !== '' && !/^\s*multipart\//i.test(contentType ?? '')) {
    return refused(415, 'unsupported-media-type', { Accept: 'application/sdp, multipart/mixed' });
  }
  const parsed = text === undefined ? undefined : parseDescription(text);
  if (parsed?.ok === false) return refused(488, `sdp-${parsed.problem}`);
  if (parsed?.description.audio.rtpPort === 0) return refused(488, 'sdp-no-audio');

  const given = headers.get('replaces');
  const replaces =
    given === undefined ? undefined : translateReplaces(given, (callId) => context.registry.identifiers(callId));
  if (given !== undefined && replaces === undefined) return refused(481, 'unknown-replaces');
  const route = context.route(uri.user);
  const direct = context.directTarget(invite.uri);
  const targets = route?.targets ?? (direct === undefined ? replacedTarget(context, replaces) : [direct]);
  if (targets.length === 0) return refused(404, 'no-route');
  return {
    kind: 'checked',
    targets,
    record: route?.record,
    language: route?.language,
    phrases: phrasesOf(context, invite, route?.phrases),
    offer: parsed?.description,
    maxForwards: hops - 1,
    replaces,
    sessionFields: session.headers,
  };
}

/** The header's first: they are of this very call. What is no phrase in it is left out. */
function phrasesOf(context: CallContext, { headers }: SipRequest, ofRoute: readonly string[] = []): readonly string[] {
  const { phrasesHeader } = context.config.asr;
  const given = phrasesHeader === undefined ? '' : (headers.get(phrasesHeader.toLowerCase()) ?? '');
  return joinPhrases([given.split(',').filter((phrase) => phraseFault(tidyPhrase(phrase)) === undefined), ofRoute]);
}

/** A transfer target that no route knows is reached where the dialog to be replaced has its far end. */
function replacedTarget(context: CallContext, replaces: string | undefined): readonly string[] {
  const contact = replaces === undefined ? undefined : context.registry.contactOf(replaces.split(';')[0] ?? '');
  return contact === undefined ? [] : [contact];
}

function maxForwardsOf(value: string | undefined): number {
  if (value === undefined) return 70;
  const hops = Number(value.trim());
  return Number.isInteger(hops) ? Math.min(hops, 255) : 70;
}
