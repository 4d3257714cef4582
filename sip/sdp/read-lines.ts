import { parse, type ParsedMedia, type ParsedSdp } from 'sdp-transform';
import type { Direction } from './description.ts';

/** The one place that knows sdp-transform, and what every reader of descriptions takes from its lines. */

const maxChars = 32_000;

/** Undefined for what is no session description at all. */
export function readSession(text: string): ParsedSdp | undefined {
  if (!text.startsWith('v=') || text.length > maxChars) return undefined;
  try {
    // A count of ports (RFC 8866 section 5.14) is for streams in layers: the first is the sound.
    const session = parse(text.replaceAll(/^(m=\S+ \d+)\/\d+ /gm, '$1 '));
    return session.origin === undefined ? undefined : asText(session);
  } catch {
    return undefined;
  }
}

/** sdp-transform makes numbers of whatever consists of digits: what is text here is text again. */
function asText(session: ParsedSdp): ParsedSdp {
  for (const each of [session, ...session.media]) {
    if (each.connection !== undefined) each.connection.ip = String(each.connection.ip);
  }
  for (const media of session.media) {
    media.type = String(media.type);
    media.protocol = String(media.protocol);
    media.payloads = String(media.payloads ?? '0');
    for (const map of media.rtp) map.codec = String(map.codec);
    for (const format of media.fmtp) format.config = String(format.config);
  }
  return session;
}

/** Payload numbers of a line, in its order. */
export function payloadsOf(media: ParsedMedia): number[] {
  return String(media.payloads ?? '')
    .split(/\s+/)
    .filter((text) => /^\d{1,3}$/.test(text) && Number(text) <= 127)
    .map(Number);
}

export function statedDirection(session: ParsedSdp, media: ParsedMedia): Direction {
  const text = media.direction ?? session.direction;
  return text === 'sendonly' || text === 'recvonly' || text === 'inactive' ? text : 'sendrecv';
}

/** RFC 5761, else a=rtcp (RFC 3605), else the next port. */
export function rtcpPortOf(media: ParsedMedia): number {
  if (media.rtcpMux !== undefined) return media.port;
  if (media.rtcp !== undefined && isPort(media.rtcp.port)) return media.rtcp.port;
  return Math.min(media.port + 1, 65_535);
}

export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65_535;
}

export function isPlainRtp({ protocol }: ParsedMedia): boolean {
  return /^RTP\/AVPF?$/i.test(protocol);
}

export function positive(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : null;
}

/** Events of a telephone-event's a=fmtp. */
export function eventsOf(media: ParsedMedia, payloadType: number): string {
  const config = media.fmtp.find(({ payload }) => payload === payloadType)?.config.trim() ?? '';
  return /^[\d,-]{1,40}$/.test(config) ? config : '0-15';
}
