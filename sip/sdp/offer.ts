import { isIP } from 'node:net';
import type { ParsedMedia, ParsedSdp } from 'sdp-transform';
import { isUnspecified } from '#lib/addresses.ts';
import { isAudio, refusedStatic, takenFormats, type TakenFormat } from './audio-formats.ts';
import type { Direction } from './description.ts';
import { isPlainRtp, isPort, payloadsOf, positive, readSession, rtcpPortOf, statedDirection } from './read-lines.ts';

/** The description of whoever sends us copies of sound: any number of m-lines, in the order in which they must be answered. */
export interface RecordingOffer {
  readonly lines: readonly OfferedLine[];
}

export interface OfferedLine {
  readonly kind: string;
  readonly protocol: string;
  /** The format list as written, for a line that is refused. */
  readonly formats: string;
  /** a=label (RFC 4574), a token: `0` is one. */
  readonly label: string | null;
  /** What can be taken of it; null for a line that must be refused, with `refusal` saying why. */
  readonly audio: OfferedAudio | null;
  readonly refusal: LineRefusal | null;
}

export type LineRefusal = 'not-audio' | 'secure-only' | 'no-common-codec';

export interface OfferedAudio {
  /** Null where none is stated, or it is unspecified. */
  readonly address: string | null;
  /** 0: switched off. */
  readonly rtpPort: number;
  readonly rtcpPort: number;
  readonly rtcpMux: boolean;
  /** As the sender sees it. */
  readonly direction: Direction;
  /** `c=0.0.0.0`: the hold of RFC 2543. */
  readonly unspecified: boolean;
  /** All that can be taken, in the sender's order; never empty. */
  readonly formats: readonly TakenFormat[];
  readonly ptimeMs: number | null;
  readonly maxptimeMs: number | null;
}

/** Why a description cannot be answered. */
export type OfferProblem = 'malformed' | 'no-audio' | 'secure-only' | 'no-common-codec';
export type OfferResult =
  | { readonly ok: true; readonly offer: RecordingOffer }
  /** `codecs`: names of what was offered instead, for the remedy. */
  | { readonly ok: false; readonly problem: OfferProblem; readonly codecs: readonly string[] };

const maxLines = 16;

/** Reads an offer or an answer. Never throws. */
export function readOffer(text: string): OfferResult {
  const malformed: OfferResult = { ok: false, problem: 'malformed', codecs: [] };
  const trimmed = text.trimStart();
  const session = readSession(trimmed);
  if (session === undefined || session.media.length > maxLines) return malformed;
  const labels = labelsOf(trimmed);
  if (session.media.some(({ port }) => !isPort(port))) return malformed;
  const lines = session.media.map((media, index) => lineOf(session, media, labels[index] ?? null));
  if (lines.some(({ audio }) => audio !== null)) return { ok: true, offer: { lines } };
  const codecs = [...new Set(session.media.flatMap((media) => media.rtp.map(({ codec }) => codec.slice(0, 32))))];
  for (const media of session.media) for (const type of payloadsOf(media)) codecs.push(...(refusedStatic[type] ?? []));
  const refusals = new Set(lines.map(({ refusal }) => refusal));
  const problem = refusals.has('no-common-codec')
    ? 'no-common-codec'
    : refusals.has('secure-only')
      ? 'secure-only'
      : 'no-audio';
  return { ok: false, problem, codecs: [...new Set(codecs)].slice(0, 8) };
}

/** sdp-transform takes only the leading digits of a label, which RFC 4574 lets be any token. */
function labelsOf(text: string): (string | undefined)[] {
  return text
    .split(/^m=/m)
    .slice(1)
    .map((section) => /^a=label:[ \t]*([^\s]{1,64})/m.exec(section)?.[1]);
}

function lineOf(session: ParsedSdp, media: ParsedMedia, label: string | null): OfferedLine {
  const formats = (media.payloads ?? '0').trim();
  const line = { kind: media.type, protocol: media.protocol, formats, label };
  if (media.type !== 'audio') return { ...line, audio: null, refusal: 'not-audio' };
  if (!isPlainRtp(media)) return { ...line, audio: null, refusal: 'secure-only' };
  const taken = takenFormats(media);
  if (!taken.some(({ carries }) => isAudio(carries))) return { ...line, audio: null, refusal: 'no-common-codec' };
  const address = (media.connection ?? session.connection)?.ip ?? null;
  const unspecified = address !== null && isUnspecified(address);
  return {
    ...line,
    refusal: null,
    audio: {
      address: address === null || unspecified || isIP(address) === 0 ? null : address,
      rtpPort: media.port,
      rtcpPort: rtcpPortOf(media),
      rtcpMux: media.rtcpMux !== undefined,
      direction: statedDirection(session, media),
      unspecified,
      formats: taken,
      ptimeMs: positive(media.ptime),
      maxptimeMs: positive(media.maxptime),
    },
  };
}
