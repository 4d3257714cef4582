import { isIP } from 'node:net';
import type { ParsedMedia, ParsedSdp } from 'sdp-transform';
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
import {
  eventsOf,
  isPlainRtp,
  isPort,
  payloadsOf,
  positive,
  readSession,
  rtcpPortOf,
  statedDirection,
} from './read-lines.ts';

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
  const session = readSession(text);
  if (session === undefined) return { ok: false, problem: 'malformed' };
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
        formats: (each.payloads ?? '0').trim(),
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
        direction: directionFrom(statedDirection(session, media), connection.ip),
      },
    },
  };
}

function isPlainAudio(media: ParsedMedia): boolean {
  return media.type === 'audio' && isPlainRtp(media);
}

function problemOf(session: ParsedSdp): SdpProblem {
  const audio = session.media.filter((media) => media.type === 'audio');
  if (audio.length === 0) return 'no-audio';
  return audio.some(isPlainAudio) ? 'no-common-codec' : 'secure-only';
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
  return { payload: map.payload, events: eventsOf(media, map.payload) };
}

/** An unspecified address says "do not send to me", whatever the direction line says (RFC 3264 section 8.4). */
function directionFrom(stated: Direction, address: string): Direction {
  return isUnspecified(address) ? directionOf(sends(stated), false) : directionOf(sends(stated), receives(stated));
}
