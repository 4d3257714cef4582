import type { LegMediaSettings } from '#sip/types.ts';

/** What a phone that talks and listens has agreed to; its far end on loopback, `rtcpPort` the next unless told otherwise. */
export function talkingLeg(
  rtpPort: number,
  changes: Partial<LegMediaSettings> & { readonly address?: string; readonly rtcpPort?: number } = {},
): LegMediaSettings {
  const { address = '127.0.0.1', rtcpPort = rtpPort + 1, ...settings } = changes;
  return {
    remote: { address, rtpPort, rtcpPort },
    acceptedAddresses: [address],
    rtcpMux: false,
    sendLaw: 'pcmu',
    comfortNoise: 13,
    telephoneEvent: 101,
    receivedTelephoneEvent: 101,
    ptimeMs: 20,
    maxptimeMs: null,
    talks: true,
    listens: true,
    holding: false,
    ...settings,
  };
}
