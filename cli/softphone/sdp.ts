import type { Law } from '#sip/types.ts';
import { telephoneEventPayload } from './rtp-endpoint.ts';

/** A phone's description: one G.711 stream with telephone-event, RFC 8866. */
export function phoneSdp(address: string, port: number, law: Law): string {
  const codec = law === 'pcmu' ? '0' : '8';
  return [
    'v=0',
    `o=softphone 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${codec} ${telephoneEventPayload}`,
    `a=rtpmap:${codec} ${law.toUpperCase()}/8000`,
    `a=rtpmap:${telephoneEventPayload} telephone-event/8000`,
    `a=fmtp:${telephoneEventPayload} 0-15`,
    'a=ptime:20',
    'a=sendrecv',
    '',
  ].join('\r\n');
}

/** Where a description wants its sound: the audio stream's own address, or the session's. */
export function audioTarget(sdp: string): { readonly address: string; readonly port: number } | undefined {
  const audio = /^m=audio (\d+) /m.exec(sdp);
  if (audio === null) return undefined;
  const section = sdp.slice(audio.index).split(/^m=/m)[1] ?? '';
  const connection = /^c=IN IP[46] (\S+)/m;
  const address = (connection.exec(section) ?? connection.exec(sdp))?.[1];
  return address === undefined ? undefined : { address, port: Number(audio[1]) };
}
