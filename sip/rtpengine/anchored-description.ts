import { isIPv6 } from 'node:net';
import { directionOf } from '../sdp/description.ts';
import type { ForkStreamSettings, LegMediaSettings } from '../types.ts';

/** Discard: nobody listens there. */
const nowherePort = 9;

const start = (address: string): readonly string[] => {
  const at = `IN ${isIPv6(address) ? 'IP6' : 'IP4'} ${address}`;
  return ['v=0', `o=sidetone 1 1 ${at}`, 's=-', `c=${at}`, 't=0 0'];
};

/**
 * A leg's phone, described to rtpengine by what the B2BUA has agreed with it: only the law that may be sent there, so
 * that rtpengine translates where the legs have none in common. Where the phone's address is not known yet, rtpengine
 * learns it from the first packet.
 */
export function describeLeg(settings: LegMediaSettings, otherwise: string): string {
  const { remote, sendLaw, comfortNoise, telephoneEvent, talks, listens, ptimeMs } = settings;
  // One that has yet to answer may speak either already.
  const laws = remote === null ? [0, 8] : [sendLaw === 'pcmu' ? 0 : 8];
  const numbers = [...laws, ...[comfortNoise, telephoneEvent].filter((each) => each !== null)];
  return [
    ...start(remote?.address ?? settings.acceptedAddresses[0] ?? otherwise),
    `m=audio ${remote?.rtpPort ?? nowherePort} RTP/AVP ${numbers.join(' ')}`,
    ...(telephoneEvent === null
      ? []
      : [`a=rtpmap:${telephoneEvent} telephone-event/8000`, `a=fmtp:${telephoneEvent} 0-15`]),
    ...(remote === null ? [] : [`a=rtcp:${remote.rtcpPort}`]),
    ...(remote !== null && settings.rtcpMux ? ['a=rtcp-mux'] : []),
    `a=ptime:${ptimeMs}`,
    `a=${directionOf(talks, listens && remote !== null)}`,
    '',
  ].join('\r\n');
}

/** A phone of which nothing is known, so that rtpengine opens its ports. */
export function describeNobody(address: string): string {
  const lines = [`m=audio ${nowherePort} RTP/AVP 0 8 13 101`, 'a=rtpmap:101 telephone-event/8000', 'a=sendrecv', ''];
  return [...start(address), ...lines].join('\r\n');
}

export interface AnchoredPort {
  readonly address: string;
  readonly rtpPort: number;
}

/** Where rtpengine listens, by the description that it rewrote; undefined when that has no such line. */
export function portIn(sdp: string): AnchoredPort | undefined {
  const address = /^c=IN IP[46] (\S+)/m.exec(sdp)?.[1];
  const port = Number(/^m=audio (\d{1,5}) /m.exec(sdp)?.[1]);
  return address === undefined || !(port > 0 && port <= 65_535) ? undefined : { address, rtpPort: port };
}

/**
 * What the copy of a leg carries: rtpengine passes on what the phone sends under the phone's own numbers, whatever the
 * subscription was offered before there was a phone.
 */
export function copiedFormats(leg: LegMediaSettings): ForkStreamSettings['formats'] {
  const plain = [
    { payloadType: 0, carries: 'pcmu', clockRateHz: 8000 },
    { payloadType: 8, carries: 'pcma', clockRateHz: 8000 },
    { payloadType: 13, carries: 'comfort-noise', clockRateHz: 8000 },
  ] as const;
  const payloadType = leg.receivedTelephoneEvent;
  return payloadType === null
    ? plain
    : [...plain, { payloadType, carries: 'telephone-event', clockRateHz: 8000 } as const];
}
