import { SidetoneError } from '#lib/errors.ts';
import { talkSides, type ForkStreamSettings, type MediaFork, type RtpStream, type TalkSide } from '../types.ts';
import { RecorderDescription } from '../sdp/recorder-description.ts';
import type { NgClient } from './ng-client.ts';
import { readParticipants, readSubscriptionOffer, type NgFields, type Participant } from './ng.ts';
import {
  answerLines,
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
 * are gone and at most one tag is left. `known`: the tag of a subscription of ours, which this one replaces.
 * @throws SidetoneError `rtpengine-unavailable`, `rtpengine-refused`, `unsupported-audio`
 */
export async function requestSubscription(
  ng: NgClient,
  sipCallId: string,
  sides: Sides,
  known?: string,
): Promise<PendingSubscription> {
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
  const first = await ask(known, {});
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
  readonly #options: AcceptOptions;
  readonly #description: RecorderDescription;
  readonly #streams = new Map<TalkSide, RtpStream>();
  #pending: PendingSubscription;
  #flows: Readonly<Record<TalkSide, Flow>>;

  private constructor(options: AcceptOptions) {
    this.toTag = options.pending.toTag;
    this.#options = options;
    this.#description = new RecorderDescription(options.ourAddress);
    this.#pending = options.pending;
    this.#flows = options.sides;
  }

  /**
   * Opens the streams and answers: packets flow from here.
   * @throws SidetoneError `rtpengine-unavailable`, `rtpengine-refused`, `ports-exhausted`, `media-worker-lost`
   */
  static async accept(options: AcceptOptions): Promise<Subscription> {
    const subscription = new Subscription(options);
    await subscription.#take(options.pending);
    return subscription;
  }

  get streams(): ReadonlyMap<TalkSide, RtpStream> {
    return this.#streams;
  }

  get translated(): boolean {
    return this.#pending.translated;
  }

  /**
   * The parties may have agreed to something else: rtpengine offers it anew, to the same ports of ours. Without, it would
   * go on sending what it gets, under numbers that we know nothing of.
   * @throws SidetoneError as `requestSubscription` and `accept`
   */
  async renew(): Promise<void> {
    const { ng, sipCallId, sides } = this.#options;
    await this.#take(await requestSubscription(ng, sipCallId, sides, this.toTag));
  }

  /** Tells media who talks and who holds, where that has changed. */
  follow(participants: readonly Participant[]): void {
    const { sides } = this.#options;
    for (const side of talkSides) {
      const now = participants.find(({ tag }) => tag === sides[side].tag);
      const { talks, listens } = this.#flows[side];
      if (now === undefined || (now.talks === talks && now.listens === listens)) continue;
      this.#flows = { ...this.#flows, [side]: now };
      this.#tell(side);
    }
  }

  /** What media is told of a side's stream; undefined for one that is not taken. */
  settings(side: TalkSide, flow: Flow): ForkStreamSettings | undefined {
    const audio = this.#pending.copy.audio[side]?.audio;
    return audio && streamSettings(audio, flow, this.#options.alsoFrom);
  }

  close(): Promise<void> {
    return unsubscribe(this.#options.ng, this.#options.sipCallId, this.toTag);
  }

  async #take(pending: PendingSubscription): Promise<void> {
    const { ng, sipCallId, fork } = this.#options;
    this.#pending = pending;
    const ports: Partial<Record<TalkSide, number>> = {};
    for (const side of talkSides) {
      if (pending.copy.audio[side] === undefined) continue;
      const stream = this.#streams.get(side) ?? (await fork.addRtp(side));
      this.#streams.set(side, stream);
      ports[side] = stream.ports.rtpPort;
      this.#tell(side);
    }
    await ng.request('subscribe answer', {
      'call-id': sipCallId,
      'to-tag': this.toTag,
      sdp: this.#description.write(answerLines(pending.copy, ports)),
      flags: ['allow transcoding'],
    });
  }

  #tell(side: TalkSide): void {
    const settings = this.settings(side, this.#flows[side]);
    if (settings !== undefined) this.#streams.get(side)?.update(settings);
  }
}
