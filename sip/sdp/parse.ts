import { isIP } from 'node:net';
import { parse, type ParsedMedia, type ParsedSdp } from 'sdp-transform';
import { isUnspecified } from '#lib/addresses.ts';
import type { Law } from '../types.ts';
import {
  directionOf,
  receives,
  sends,
  type Direction,
  type SessionDescription,
  type TelephoneEvent,
} from './description.ts';

/** Why a description cannot be bridged; each is answered 488. */
type SdpProblem = 'malformed' | 'no-audio' | 'secure-only' | 'no-common-codec';

export type ParseResult =
  | { readonly ok: true; readonly description: SessionDescription }
  | { readonly ok: false; readonly problem: SdpProblem };

/**
 * Reads a description with at least one G.711 audio line over plain RTP. The first usable one is the call's; a line
 * with port 0 is taken only when there is no other.
 */
export function parseDescription(text: string): ParseResult {
  let session: ParsedSdp;
  try {
    session = parse(text);
  } catch {
    return { ok: false, problem: 'malformed' };
  }
  if (!text.startsWith('v=') || session.origin === undefined) return { ok: false, problem: 'malformed' };
  const usable = session.media.flatMap((media, index) =>
    isPlainAudio(media) && lawsOf(media).length > 0 ? [index] : [],
  );
  const audioIndex = usable.find((index) => session.media[index]?.port !== 0) ?? usable[0];
  if (audioIndex === undefined) return { ok: false, problem: problemOf(session) };
  const media = session.media[audioIndex];
  const connection = media?.connection ?? session.connection;
  if (media === undefined || connection === undefined || isIP(connection.ip) === 0 || !isPort(media.port)) {
    return { ok: false, problem: 'malformed' };
  }
  return {
    ok: true,
    description: {
      lines: session.media.map((each) => ({
        kind: each.type,
        protocol: each.protocol,
        formats: String(each.payloads ?? '0').trim(),
      })),
      audioIndex,
      audio: {
        address: connection.ip,
        rtpPort: media.port,
        rtcpPort: rtcpPortOf(media),
        rtcpMux: media.rtcpMux !== undefined,
        laws: lawsOf(media),
        comfortNoise: payloadsOf(media).includes(13),
        telephoneEvent: telephoneEventOf(media),
        ptimeMs: positive(media.ptime),
        maxptimeMs: positive(media.maxptime),
        direction: directionFrom(media.direction ?? session.direction, connection.ip),
      },
    },
  };
}

function isPlainAudio(media: ParsedMedia): boolean {
  return media.type === 'audio' && (media.protocol === 'RTP/AVP' || media.protocol === 'RTP/AVPF');
}

function problemOf(session: ParsedSdp): SdpProblem {
  const audio = session.media.filter((media) => media.type === 'audio');
  if (audio.length === 0) return 'no-audio';
  return audio.some(isPlainAudio) ? 'no-common-codec' : 'secure-only';
}

function payloadsOf(media: ParsedMedia): number[] {
  return String(media.payloads ?? '')
    .split(' ')
    .filter((text) => /^\d{1,3}$/.test(text))
    .map(Number);
}

function lawsOf(media: ParsedMedia): Law[] {
  const laws: Law[] = [];
  for (const payload of payloadsOf(media)) {
    if (payload === 0 && !laws.includes('pcmu')) laws.push('pcmu');
    if (payload === 8 && !laws.includes('pcma')) laws.push('pcma');
  }
  return laws;
}

function telephoneEventOf(media: ParsedMedia): TelephoneEvent | null {
  const listed = payloadsOf(media);
  const map = media.rtp.find(
    (each) =>
      each.codec.toLowerCase() === 'telephone-event' && (each.rate ?? 8000) === 8000 && listed.includes(each.payload),
  );
  if (map === undefined) return null;
  const events = media.fmtp.find((each) => each.payload === map.payload)?.config ?? '0-15';
  return { payload: map.payload, events: /^[\d,-]{1,40}$/.test(events) ? events : '0-15' };
}

function rtcpPortOf(media: ParsedMedia): number {
  if (media.rtcpMux !== undefined) return media.port;
  if (media.rtcp !== undefined && isPort(media.rtcp.port)) return media.rtcp.port;
  return Math.min(media.port + 1, 65_535);
}

/** An unspecified address says "do not send to me", whatever the direction line says (RFC 3264 section 8.4). */
function directionFrom(text: string | undefined, address: string): Direction {
  const stated: Direction = text === 'sendonly' || text === 'recvonly' || text === 'inactive' ? text : 'sendrecv';
  return isUnspecified(address) ? directionOf(sends(stated), false) : directionOf(sends(stated), receives(stated));
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65_535;
}

function positive(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : null;
}
