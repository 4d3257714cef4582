import type { TakenFormat } from '../sdp/audio-formats.ts';
import type { OfferedLine, RecordingOffer } from '../sdp/offer.ts';
import type { RecordingState } from './recording-state.ts';

/** What is offered to a client that leaves the offer to us (an INVITE without a description). */
const ownFormats: readonly TakenFormat[] = [
  { payloadType: 0, carries: 'pcmu', clockRateHz: 8000, rtpmap: 'PCMU/8000', events: null },
  { payloadType: 8, carries: 'pcma', clockRateHz: 8000, rtpmap: 'PCMA/8000', events: null },
  { payloadType: 9, carries: 'g722', clockRateHz: 8000, rtpmap: 'G722/8000', events: null },
  { payloadType: 13, carries: 'comfort-noise', clockRateHz: 8000, rtpmap: 'CN/8000', events: null },
  { payloadType: 101, carries: 'telephone-event', clockRateHz: 8000, rtpmap: 'telephone-event/8000', events: '0-16' },
];

/** Such an offer, as if the client had made it: a line for each stream that its metadata names, one at the least. */
export function ownOffer({ streams }: RecordingState): RecordingOffer {
  const labels = streams.length === 0 ? [null] : streams.slice(0, 3).map(({ label }) => label);
  return { lines: labels.map((label) => ({ ...ownLine, label })) };
}

const ownLine: OfferedLine = {
  kind: 'audio',
  protocol: 'RTP/AVP',
  formats: ownFormats.map(({ payloadType }) => payloadType).join(' '),
  label: null,
  refusal: null,
  audio: {
    address: null,
    rtpPort: 9,
    rtcpPort: 10,
    rtcpMux: false,
    direction: 'sendonly',
    unspecified: false,
    formats: ownFormats,
    ptimeMs: 20,
    maxptimeMs: null,
  },
};
