import { readOffer, type OfferedAudio, type OfferedLine } from '../sdp/offer.ts';
import type { DescribedLine } from '../sdp/recorder-description.ts';
import { talkSides, type ForkStreamSettings, type TalkSide } from '../types.ts';
import type { Participant, SubscriptionOffer } from './ng.ts';

/** The two parties of a call at rtpengine. */
export type Sides = Readonly<Record<TalkSide, Participant>>;

/** What rtpengine offers to send, line by line. */
export interface OfferedCopy {
  readonly lines: readonly OfferedLine[];
  /** The m-line of each side's sound; a side is missing whose sound is in no codec that we take. */
  readonly audio: Readonly<Partial<Record<TalkSide, { readonly index: number; readonly audio: OfferedAudio }>>>;
}

/** Undefined: rtpengine's description cannot be read. */
export function readOfferedCopy(offer: SubscriptionOffer, parties: Sides): OfferedCopy | undefined {
  const read = readOffer(offer.sdp);
  if (!read.ok) return read.problem === 'malformed' ? undefined : { lines: [], audio: {} };
  const { lines } = read.offer;
  const tags = lines.map(({ label }, index) => offer.labelTags.get(label ?? '') ?? offer.lineTags[index]);
  const audio: Partial<Record<TalkSide, { index: number; audio: OfferedAudio }>> = {};
  for (const side of talkSides) {
    const index = lines.findIndex((line, at) => tags[at] === parties[side].tag && line.audio !== null);
    const found = lines[index]?.audio;
    if (found !== null && found !== undefined) audio[side] = { index, audio: found };
  }
  return { lines, audio };
}

/**
 * The lines of our answer: each taken line with our port and everything of it that we take (rtpengine gives up a copy whose answer
 * lacks a codec in use, unless it may transcode), each other line refused in its place (RFC 3264 section 6).
 */
export function answerLines(
  copy: OfferedCopy,
  ports: Readonly<Partial<Record<TalkSide, number>>>,
): readonly DescribedLine[] {
  return copy.lines.map((offered, index) => {
    const side = talkSides.find((each) => copy.audio[each]?.index === index);
    return { offered, rtpPort: (side === undefined ? undefined : ports[side]) ?? 0 };
  });
}

/** RFC 3551 section 6: numbers that mean the same in every session. */
const unchanging = [
  { payloadType: 0, carries: 'pcmu', clockRateHz: 8000 },
  { payloadType: 8, carries: 'pcma', clockRateHz: 8000 },
  { payloadType: 9, carries: 'g722', clockRateHz: 8000 },
  { payloadType: 13, carries: 'comfort-noise', clockRateHz: 8000 },
] as const;

/** Who talks and who listens, of one party. */
export type Flow = Pick<Participant, 'talks' | 'listens'>;

/** What media is told of one side's stream. `alsoFrom`: where rtpengine's packets may come from besides. */
export function streamSettings(audio: OfferedAudio, flow: Flow, alsoFrom: readonly string[]): ForkStreamSettings {
  const { address, rtpPort, rtcpPort } = audio;
  return {
    remote: address === null || rtpPort === 0 ? null : { address, rtpPort, rtcpPort },
    acceptedAddresses: [...new Set([...(address === null ? [] : [address]), ...alsoFrom])],
    rtcpMux: false,
    formats: [
      ...audio.formats.map(({ payloadType, carries, clockRateHz }) => ({ payloadType, carries, clockRateHz })),
      // After a re-INVITE rtpengine passes on what comes before it has offered it to us.
      ...unchanging.filter((known) => audio.formats.every(({ payloadType }) => payloadType !== known.payloadType)),
    ],
    expected: flow.talks,
    // Who sends and does not want to hear has the other on hold: music.
    holding: flow.talks && !flow.listens,
  };
}
