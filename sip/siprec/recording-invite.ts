import type { Config, TrunkConfig } from '#lib/config/schema.ts';
import type { HeaderFields, SipRequest } from '../b2bua/messages.ts';
import { refused, type Refused } from '../b2bua/refusals.ts';
import { remedyOf } from '../b2bua/remedies.ts';
import { answerSession } from '../b2bua/session-expiry.ts';
import { parseUri } from '../routing/uri.ts';
import { isMetadata, mediaType, readParts, sdpType, type BodyPart } from './multipart.ts';
import { readOffer, type OfferProblem, type RecordingOffer } from '../sdp/offer.ts';
import { readHints } from './party-hints.ts';
import { readMetadata, type MetadataResult } from './rs-metadata.ts';

export const srsAllow = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO' as const;
export const srsAccept =
  'application/sdp, multipart/mixed, application/rs-metadata+xml, application/rs-metadata' as const;
export const srsSupported = 'timer, siprec' as const;
const understood: ReadonlySet<string> = new Set(['timer', '100rel', 'norefersub', 'siprec', 'record-aware']);

/** What a request of a recording client carries. */
export interface RecordingBody {
  readonly kind: 'body';
  /** Undefined: no description in it. */
  readonly offer: RecordingOffer | undefined;
  /** Undefined: no metadata in it. */
  readonly metadata: MetadataResult | undefined;
}

/**
 * Whether an INVITE brings a copy of a call (RFC 7866 section 6.1.1): it names the extension and a recording client, or
 * carries metadata, or comes by a trunk or to a user that is configured for nothing else.
 */
export function isRecording(config: Config, invite: SipRequest, trunk: TrunkConfig | undefined): boolean {
  if (trunk?.recorder === true || config.siprec.users.includes(parseUri(invite.uri)?.user ?? '')) return true;
  return isMarked(invite);
}

/** It says of itself that it is a copy. */
function isMarked(invite: SipRequest): boolean {
  if (invite.headers.lists('require', 'siprec')) return true;
  const isClient = /[;\s]\+sip\.src(?:[;=\s,>]|$)/i.test(invite.headers.get('contact') ?? '');
  return isClient || partsOf(invite).some(isMetadata);
}

/**
 * Taken for a copy because of its trunk alone, and more like a call: it bears no mark, and its one stream is to go both
 * ways, while whoever forks sends only.
 */
export function looksOrdinary(invite: SipRequest, trunk: TrunkConfig | undefined, body: RecordingBody): boolean {
  if (trunk?.recorder !== true || namesExtension(invite) || isMarked(invite)) return false;
  const audio = body.offer?.lines.flatMap((line) => line.audio ?? []) ?? [];
  return audio.length === 1 && audio[0]?.direction === 'sendrecv';
}

export function namesExtension(request: SipRequest): boolean {
  return request.headers.lists('require', 'siprec') || request.headers.lists('supported', 'siprec');
}

/** What holds for an INVITE that begins a recording, besides its body. */
export function checkInvite(config: Config, invite: SipRequest): Refused | undefined {
  const { headers } = invite;
  if (headers.get('contact') === undefined) return refused(400, 'malformed');
  if (config.siprec.requireExtension && !namesExtension(invite)) {
    return refused(421, 'siprec-not-named', { Require: 'siprec' });
  }
  return checkRequest(config, invite);
}

/** What holds for an INVITE, a re-INVITE and an UPDATE alike: RFC 3261 section 8.2.2.3, RFC 4028 section 9. */
export function checkRequest(config: Config, { headers }: SipRequest): Refused | undefined {
  const unsupported = headers.list('require').filter((option) => !understood.has(option));
  if (unsupported.length > 0) return refused(420, 'bad-extension', { Unsupported: unsupported.join(', ') });
  const session = answerSession(headers, config.sip.sessionExpiresS);
  return session.kind === 'too-small' ? refused(422, 'session-interval-too-small', session.headers) : undefined;
}

/**
 * Fields of the session timer for a 2xx. A client that does not know timers is not asked for one: few recorder clients
 * answer a re-INVITE, and a refresh that fails would end the recording.
 */
export function sessionFields(config: Config, request: SipRequest): HeaderFields {
  const { headers } = request;
  if (!headers.lists('supported', 'timer') && !headers.lists('require', 'timer')) return {};
  return answerSession(headers, config.sip.sessionExpiresS).headers;
}

/** Reads the body of an INVITE, re-INVITE, UPDATE or ACK of a recording client. */
export function readBody(request: SipRequest): RecordingBody | Refused {
  const encoding = request.headers.get('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return refused(415, 'content-encoding', { 'Accept-Encoding': 'identity', Accept: srsAccept });
  }
  const parts = partsOf(request);
  if (parts.length === 0 && request.body.trim() !== '') return refused(400, 'body-without-parts');
  const description = parts.find(({ type }) => type === sdpType);
  const metadata = parts.find(isMetadata);
  const stated = mediaType(request.headers.get('content-type'));
  if (description === undefined && metadata === undefined && parts.length > 0 && !stated.startsWith('multipart/')) {
    return refused(415, 'unsupported-media-type', { Accept: srsAccept });
  }
  const offer = description && readOffer(description.body);
  if (offer?.ok === false) return refusedOffer(offer.problem, offer.codecs);
  const read = metadata && withHints(readMetadata(metadata.body), parts);
  if (
    read?.ok === false &&
    (read.problem === 'forbidden' || read.problem === 'too-large' || read.problem === 'too-deep')
  ) {
    return refused(400, `metadata-${read.problem}`);
  }
  return { kind: 'body', offer: offer?.offer, metadata: read };
}

function partsOf(request: SipRequest): readonly BodyPart[] {
  return readParts(request.headers.get('content-type'), request.body);
}

/** Who called whom may stand in an XML part of the vendor's own. */
function withHints(read: MetadataResult, parts: readonly BodyPart[]): MetadataResult {
  if (!read.ok) return read;
  const { hints } = read.metadata;
  if (hints.calling !== null || hints.called !== null) return read;
  const other = parts.find((part) => !isMetadata(part) && /[/+]xml$/.test(part.type));
  return other === undefined ? read : { ok: true, metadata: { ...read.metadata, hints: readHints(other.body) } };
}

function refusedOffer(problem: OfferProblem, codecs: readonly string[]): Refused {
  const reason = `sdp-${problem}`;
  if (problem !== 'no-common-codec') return refused(problem === 'malformed' ? 400 : 488, reason);
  const names = codecs.map((name) => name.replaceAll(/[^\w.-]/g, ''));
  const offered = names.length === 0 ? 'no a=rtpmap says what was offered' : `offered were ${names.join(' ')}`;
  return refused(488, reason, {}, `${remedyOf(reason) ?? ''}; ${offered}`);
}
