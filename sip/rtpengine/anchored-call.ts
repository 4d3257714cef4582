import { closeAll, once } from '#lib/closing.ts';
import { SidetoneError, toError } from '#lib/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { LegMediaSettings, LegPorts, MediaCall, MediaFork, TalkSide } from '../types.ts';
import { copiedFormats, describeLeg, describeNobody, portIn, type AnchoredPort } from './anchored-description.ts';
import type { NgClient } from './ng-client.ts';
import type { NgFields, Participant } from './ng.ts';
import { requestSubscription, Subscription } from './subscription.ts';
import type { Sides } from './subscription-answer.ts';

export interface AnchoredCallOptions {
  readonly ng: NgClient;
  readonly fork: MediaFork;
  /** Ours, as rtpengine reaches it. */
  readonly ourAddress: string;
  readonly logger: Logger;
  readonly onClosed: () => void;
}

export type AnchoredPorts = Readonly<Record<TalkSide, AnchoredPort>>;

/** At rtpengine the legs' tags are the names of their sides. */
const sides: Sides = { caller: party('caller'), callee: party('callee') };

function party(tag: TalkSide): Participant {
  return { tag, label: null, peers: [], talks: true, listens: true, hasPorts: true, mediaKinds: ['audio'] };
}

const offerOptions: NgFields = {
  'transport-protocol': 'RTP/AVP',
  ICE: 'remove',
  // The legs have been told these ports: they stay, wherever the phones move.
  flags: ['port latching'],
  codec: { transcode: ['PCMU', 'PCMA'] },
};

/**
 * A call of ours whose talk path is in rtpengine: its ports are in our descriptions, and what the B2BUA agrees with the
 * legs is told it as offer and answer of two phones. We hear a copy, as of any call that is anchored there.
 */
export class AnchoredCall implements MediaCall {
  readonly callId: string;
  readonly ports: Readonly<Record<TalkSide, LegPorts>>;
  readonly beganEpochMs = Date.now();
  readonly #options: AnchoredCallOptions;
  readonly #subscription: Subscription;
  readonly #wanted: Record<TalkSide, string>;
  #told = '';
  #isTelling = false;
  #telling: Promise<void> | undefined;
  #closed = false;

  private constructor(options: AnchoredCallOptions, ports: AnchoredPorts, subscription: Subscription) {
    const nobody = describeNobody(options.ng.peerAddress);
    this.callId = options.fork.callId;
    this.ports = { caller: withRtcp(ports.caller), callee: withRtcp(ports.callee) };
    this.#options = options;
    this.#subscription = subscription;
    this.#wanted = { caller: nobody, callee: nobody };
  }

  /**
   * Takes the copy of a call whose ports are reserved.
   * @throws SidetoneError `rtpengine-unavailable`, `rtpengine-refused`, `ports-exhausted`, `media-worker-lost`
   */
  static async open(options: AnchoredCallOptions, ports: AnchoredPorts): Promise<AnchoredCall> {
    const { ng, fork } = options;
    const sipCallId = fork.callId;
    const pending = await requestSubscription(ng, sipCallId, sides);
    const subscription = await Subscription.accept({
      ...options,
      sipCallId,
      sides,
      pending,
      alsoFrom: [ng.peerAddress],
    });
    return new AnchoredCall(options, ports, subscription);
  }

  update(side: TalkSide, settings: LegMediaSettings): void {
    if (this.#closed) return;
    const copy = this.#subscription.settings(side, settings);
    if (copy !== undefined) {
      const formats = copiedFormats(settings);
      this.#subscription.streams.get(side)?.update({ ...copy, formats, holding: settings.holding });
    }
    this.#wanted[side] = describeLeg(settings, this.#options.ng.peerAddress);
    if (!this.#isTelling) this.#telling = this.#tell();
  }

  digitByInfo(side: TalkSide, durationMs: number): void {
    this.#subscription.streams.get(side)?.key(durationMs);
  }

  pause(paused: boolean): void {
    this.#options.fork.pause(paused);
  }

  readonly close = once(async () => {
    this.#closed = true;
    const { ng, fork, onClosed } = this.#options;
    await closeAll([() => fork.close(), () => this.#telling, () => forget(ng, this.callId), onClosed]);
  });

  /** One exchange at a time, and the latest state only. */
  async #tell(): Promise<void> {
    const { ng, logger } = this.#options;
    this.#isTelling = true;
    while (!this.#closed && this.#wanted.caller + this.#wanted.callee !== this.#told) {
      const { caller, callee } = this.#wanted;
      this.#told = caller + callee;
      try {
        await ng.request('offer', { ...offerFields(this.callId, caller), 'to-tag': 'callee' });
        await ng.request('answer', answerFields(this.callId, callee));
      } catch (thrown) {
        // A lost rtpengine ends the call from elsewhere; a refused description leaves the talk path as it was.
        logger.error({ err: toError(thrown), callId: this.callId }, 'rtpengine did not take what a leg has agreed to');
      }
    }
    this.#isTelling = false;
  }
}

function offerFields(callId: string, sdp: string): NgFields {
  return { 'call-id': callId, 'from-tag': 'caller', sdp, ...offerOptions };
}

function answerFields(callId: string, sdp: string): NgFields {
  return { 'call-id': callId, 'from-tag': 'caller', 'to-tag': 'callee', sdp, ...offerOptions, codec: undefined };
}

/** The call is over: rtpengine closes its ports at once. Never rejects. */
export async function forget(ng: NgClient, callId: string): Promise<void> {
  await ng.ask('delete', { 'call-id': callId, 'delete delay': 0 });
}

/**
 * Has rtpengine open ports for two phones that nobody knows yet.
 * @throws SidetoneError `rtpengine-unavailable`, `rtpengine-refused`
 */
export async function reserve(ng: NgClient, callId: string): Promise<AnchoredPorts> {
  const nobody = describeNobody(ng.peerAddress);
  // What the one is told is what the other may send to.
  const callee = portOf(await ng.request('offer', offerFields(callId, nobody)));
  const caller = portOf(await ng.request('answer', answerFields(callId, nobody)));
  return { caller, callee };
}

function portOf(reply: Awaited<ReturnType<NgClient['request']>>): AnchoredPort {
  const sdp = reply.get('sdp');
  const port = typeof sdp === 'string' ? portIn(sdp) : undefined;
  if (port === undefined) throw new SidetoneError('rtpengine-refused', 'rtpengine answered without a port');
  return port;
}

function withRtcp({ address, rtpPort }: AnchoredPort): LegPorts {
  return Object.freeze({ address, rtpPort, rtcpPort: rtpPort + 1 });
}
