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

type Raw = ParsedSdp<string | number>;

function asText({ connection, media, ...session }: Raw): ParsedSdp {
  return { ...session, ...textOf(connection), media: media.map((each) => mediaAsText(each)) };
}

function mediaAsText({ connection, payloads, ...media }: Raw['media'][number]): ParsedMedia {
  return {
    ...media,
    ...textOf(connection),
    ...(payloads === undefined ? {} : { payloads: String(payloads) }),
    type: String(media.type),
    protocol: String(media.protocol),
    rtp: media.rtp.map(({ codec, encoding, ...map }) => ({
      ...map,
      codec: String(codec),
      ...(encoding === undefined ? {} : { encoding: String(encoding) }),
    })),
    fmtp: media.fmtp.map((format) => ({ ...format, config: String(format.config) })),
  };
}

function textOf(connection: Raw['connection']): Pick<ParsedSdp, 'connection'> {
  return connection === undefined ? {} : { connection: { ...connection, ip: String(connection.ip) } };
}

/** Payload numbers of a line, in its order. */
export function payloadsOf(media: ParsedMedia): number[] {
  return (media.payloads ?? '')
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
