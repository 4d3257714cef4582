import { isIP } from 'node:net';
import { parse, type ParsedMedia, type ParsedSdp } from 'sdp-transform';
import { isUnspecified } from '#lib/addresses.ts';
import type { Direction } from '../sdp/description.ts';
import type { AudioCodec, ForkStreamSettings } from '../types.ts';

/** A recording client's session description: any number of m-lines, in the order in which they must be answered. */
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

export interface TakenFormat {
  readonly payloadType: number;
  readonly carries: ForkStreamSettings['formats'][number]['carries'];
  readonly clockRateHz: number;
  /** What a=rtpmap says after the number. */
  readonly rtpmap: string;
  /** Events of a telephone-event's a=fmtp; null elsewhere. */
  readonly events: string | null;
}

/** Why a description cannot be answered. */
export type OfferProblem = 'malformed' | 'no-audio' | 'secure-only' | 'no-common-codec';
export type OfferResult =
  | { readonly ok: true; readonly offer: RecordingOffer }
  /** `codecs`: names of what was offered instead, for the remedy. */
  | { readonly ok: false; readonly problem: OfferProblem; readonly codecs: readonly string[] };

const maxLines = 16;
const maxChars = 32_000;

/** Reads an offer or an answer of a recording client. Never throws. */
export function readOffer(text: string): OfferResult {
  const malformed: OfferResult = { ok: false, problem: 'malformed', codecs: [] };
  const trimmed = text.trimStart();
  if (!trimmed.startsWith('v=') || trimmed.length > maxChars) return malformed;
  let session: ParsedSdp;
  try {
    session = parse(trimmed);
  } catch {
    return malformed;
  }
  if (session.origin === undefined || session.media.length > maxLines) return malformed;
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
  const formats = String(media.payloads ?? '0').trim();
  const line = { kind: media.type, protocol: media.protocol, formats, label };
  if (media.type !== 'audio') return { ...line, audio: null, refusal: 'not-audio' };
  if (!/^RTP\/AVPF?$/i.test(media.protocol)) return { ...line, audio: null, refusal: 'secure-only' };
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
      direction: directionOf(media.direction ?? session.direction),
      unspecified,
      formats: taken,
      ptimeMs: positive(media.ptime),
      maxptimeMs: positive(media.maxptime),
    },
  };
}

export function isAudio(carries: TakenFormat['carries']): carries is AudioCodec {
  return carries !== 'comfort-noise' && carries !== 'telephone-event';
}

/** RFC 3551 section 6. */
const staticMaps: Readonly<Record<number, string>> = {
  0: 'PCMU/8000',
  8: 'PCMA/8000',
  9: 'G722/8000',
  13: 'CN/8000',
};
/** Known and not taken, named for the log. */
const refusedStatic: Readonly<Record<number, readonly string[]>> = {
  3: ['GSM'],
  4: ['G723'],
  15: ['G728'],
  18: ['G729'],
};

/**
 * All that can be taken: rtpengine gives up a recording whose answer lacks a codec that it was offered and needs.
 * telephone-event is taken at the clock rates of the codecs taken (RFC 4733 section 2.1).
 */
function takenFormats(media: ParsedMedia): TakenFormat[] {
  const taken: TakenFormat[] = [];
  for (const payloadType of payloadsOf(media)) {
    const map = media.rtp.find(({ payload }) => payload === payloadType);
    const rtpmap = map === undefined ? staticMaps[payloadType] : rtpmapOf(map);
    if (rtpmap === undefined || taken.some((each) => each.payloadType === payloadType)) continue;
    const format = formatOf(payloadType, rtpmap, eventsOf(media, payloadType));
    if (format !== undefined) taken.push(format);
  }
  const rates = new Set(taken.flatMap(({ carries, clockRateHz }) => (isAudio(carries) ? [clockRateHz] : [])));
  return taken.filter(({ carries, clockRateHz }) => carries !== 'telephone-event' || rates.has(clockRateHz));
}

function rtpmapOf(map: ParsedMedia['rtp'][number]): string {
  const channels: unknown = 'encoding' in map ? map.encoding : undefined;
  const suffix = typeof channels === 'number' || typeof channels === 'string' ? `/${channels}` : '';
  return `${map.codec}/${map.rate ?? 8000}${suffix}`;
}

function formatOf(payloadType: number, rtpmap: string, events: string): TakenFormat | undefined {
  const [name = '', rate = '', channels = '1'] = rtpmap.toLowerCase().split('/');
  const clockRateHz = Number(rate);
  const as = (carries: TakenFormat['carries']): TakenFormat => {
    return { payloadType, carries, clockRateHz, rtpmap, events: carries === 'telephone-event' ? events : null };
  };
  if (name === 'opus') return clockRateHz === 48_000 && channels === '2' ? as('opus') : undefined;
  if (channels !== '1') return undefined;
  if (name === 'telephone-event') return clockRateHz > 0 ? as('telephone-event') : undefined;
  if (clockRateHz !== 8000) return undefined;
  if (name === 'pcmu' || name === 'pcma' || name === 'g722') return as(name);
  return name === 'cn' ? as('comfort-noise') : undefined;
}

function eventsOf(media: ParsedMedia, payloadType: number): string {
  const config = media.fmtp.find(({ payload }) => payload === payloadType)?.config.trim() ?? '';
  return /^[\d,-]{1,40}$/.test(config) ? config : '0-15';
}

function payloadsOf(media: ParsedMedia): number[] {
  return String(media.payloads ?? '')
    .split(/\s+/)
    .filter((text) => /^\d{1,3}$/.test(text) && Number(text) <= 127)
    .map(Number);
}

function directionOf(text: string | undefined): Direction {
  return text === 'sendonly' || text === 'recvonly' || text === 'inactive' ? text : 'sendrecv';
}

function rtcpPortOf(media: ParsedMedia): number {
  if (media.rtcpMux !== undefined) return media.port;
  if (media.rtcp !== undefined && isPort(media.rtcp.port)) return media.rtcp.port;
  return Math.min(media.port + 1, 65_535);
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65_535;
}

function positive(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : null;
}
