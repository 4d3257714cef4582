import { SidetoneError } from '#lib/errors.ts';
import { talkSides, type ForkStreamSettings, type MediaFork, type RtpStream, type TalkSide } from '../types.ts';
import type { NgClient } from './ng-client.ts';
import { readParticipants, readSubscriptionOffer, type NgFields, type Participant } from './ng.ts';
import {
  answerText,
  readOfferedCopy,
  streamSettings,
  type Flow,
  type OfferedCopy,
  type Sides,
} from './subscription-answer.ts';

/** Plain RTP on two ports, whatever the parties speak: rtpengine decrypts and unbundles for us. */
const plainRtp: NgFields = { 'transport-protocol': 'RTP/AVP', ICE: 'remove', 'rtcp-mux': ['demux'] };

/** Asked for where a party speaks nothing that we take; rtpengine then translates. */
const translated: NgFields = { codec: { transcode: ['PCMU'] } };

/** What rtpengine has offered; nothing flows until it is answered. */
export interface PendingSubscription {
  readonly toTag: string;
  readonly copy: OfferedCopy;
  /** A party's codec is none of ours: rtpengine translates it. */
  readonly translated: boolean;
}

/**
 * Asks for a copy of both parties' sound in one subscription. One, not two: rtpengine gives a call up when its parties
 * are gone and at most one tag is left.
 * @throws SidetoneError `rtpengine-unavailable`, `rtpengine-refused`, `unsupported-audio`
 */
export async function requestSubscription(ng: NgClient, sipCallId: string, sides: Sides): Promise<PendingSubscription> {
  const ask = async (toTag: string | undefined, more: NgFields): Promise<PendingSubscription> => {
    const fields = await ng.request('subscribe request', {
      'call-id': sipCallId,
      'from-tags': talkSides.map((side) => sides[side].tag),
      'to-tag': toTag,
      'set-label': 'sidetone',
      flags: ['siprec'],
      ...plainRtp,
      ...more,
    });
    const offer = readSubscriptionOffer(fields, [sides.caller, sides.callee]);
    const copy = offer && readOfferedCopy(offer, sides);
    if (copy === undefined) throw new SidetoneError('rtpengine-refused', 'rtpengine offered something unreadable');
    return { toTag: offer?.toTag ?? '', copy, translated: more === translated };
  };
  const first = await ask(undefined, {});
  if (isWhole(first.copy)) return first;
  const second = await ask(first.toTag, translated);
  if (talkSides.some((side) => second.copy.audio[side] !== undefined)) return second;
  await unsubscribe(ng, sipCallId, first.toTag);
  throw new SidetoneError('unsupported-audio', 'neither party speaks a codec that we take or rtpengine can translate');
}

function isWhole(copy: OfferedCopy): boolean {
  return talkSides.every((side) => copy.audio[side] !== undefined);
}

export async function unsubscribe(ng: NgClient, sipCallId: string, toTag: string): Promise<void> {
  await ng.ask('unsubscribe', { 'call-id': sipCallId, 'to-tag': toTag });
}

/** The parties of a call as they stand; undefined when rtpengine does not know the call. */
export async function queryParticipants(
  ng: NgClient,
  sipCallId: string,
  tag?: string,
): Promise<readonly Participant[] | undefined> {
  const reply = await ng.ask('query', { 'call-id': sipCallId, 'from-tag': tag });
  if (reply === undefined) throw new SidetoneError('rtpengine-unavailable', 'rtpengine does not answer');
  if (reply.ok) return readParticipants(reply.fields);
  if (/unknown call/i.test(reply.reason)) return undefined;
  throw new SidetoneError('rtpengine-refused', `rtpengine: ${reply.reason}`);
}

export interface AcceptOptions {
  readonly ng: NgClient;
  readonly sipCallId: string;
  readonly sides: Sides;
  readonly pending: PendingSubscription;
  readonly fork: MediaFork;
  /** Ours, as rtpengine reaches it. */
  readonly ourAddress: string;
  /** Where its packets may come from besides what it describes. */
  readonly alsoFrom: readonly string[];
}

/** A running copy: a stream for each side that is taken. */
export class Subscription {
  readonly toTag: string;
  readonly streams: ReadonlyMap<TalkSide, RtpStream>;
  readonly #options: AcceptOptions;
  #shown = '';

  private constructor(options: AcceptOptions, streams: ReadonlyMap<TalkSide, RtpStream>) {
    this.toTag = options.pending.toTag;
    this.streams = streams;
    this.#options = options;
    this.follow([options.sides.caller, options.sides.callee]);
  }

  /**
   * Opens the streams and answers: packets flow from here.
   * @throws SidetoneError `rtpengine-unavailable`, `rtpengine-refused`, `ports-exhausted`, `media-worker-lost`
   */
  static async accept(options: AcceptOptions): Promise<Subscription> {
    const { ng, sipCallId, pending, fork, ourAddress } = options;
    const streams = new Map<TalkSide, RtpStream>();
    const ports: Partial<Record<TalkSide, number>> = {};
    for (const side of talkSides) {
      if (pending.copy.audio[side] === undefined) continue;
      const stream = await fork.addRtp(side);
      streams.set(side, stream);
      ports[side] = stream.ports.rtpPort;
    }
    const subscription = new Subscription(options, streams);
    await ng.request('subscribe answer', {
      'call-id': sipCallId,
      'to-tag': pending.toTag,
      sdp: answerText(pending.copy, ourAddress, ports),
      flags: ['allow transcoding'],
    });
    return subscription;
  }

  /** Tells media who talks and who holds, where that has changed. */
  follow(participants: readonly Participant[]): void {
    const { sides } = this.#options;
    const now = talkSides.map((side) => participants.find(({ tag }) => tag === sides[side].tag) ?? sides[side]);
    const shown = now.map(({ talks, listens }) => `${talks} ${listens}`).join();
    if (shown === this.#shown) return;
    this.#shown = shown;
    talkSides.forEach((side, index) => {
      const settings = this.settings(side, now[index] ?? sides[side]);
      if (settings !== undefined) this.streams.get(side)?.update(settings);
    });
  }

  /** What media is told of a side's stream; undefined for one that is not taken. */
  settings(side: TalkSide, flow: Flow): ForkStreamSettings | undefined {
    const { pending, alsoFrom } = this.#options;
    const audio = pending.copy.audio[side]?.audio;
    return audio && streamSettings(audio, flow, alsoFrom);
  }

  close(): Promise<void> {
    return unsubscribe(this.#options.ng, this.#options.sipCallId, this.toTag);
  }
}
