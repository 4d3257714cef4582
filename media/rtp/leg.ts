import { encodeG711 } from '#lib/audio/g711.ts';
import { otherSide, type LegMediaSettings, type TalkSide } from '#sip/types.ts';
import { KeyTones } from '../dtmf/key-tones.ts';
import { payloadKinds, receivedKinds, relayPlan, type RelayPlan } from './payloads.ts';
import { rtpHeaderBytes, type RtpView } from './packet.ts';
import { RtpReceiver, type ReceiverCounters } from './receiver.ts';
import { Repacketiser } from './repacketiser.ts';
import type { SocketPair } from './socket-pair.ts';

/** One leg of a bridged call: what it hears goes to the other leg, and what that hears is sent here. */
export class Leg extends RtpReceiver {
  readonly side: TalkSide;
  readonly otherSide: TalkSide;
  /** Either law: they sound and suffer alike. */
  readonly codec = 'pcmu';
  /** Undefined until signalling has said anything: then nothing is accepted and nothing sent. */
  settings: LegMediaSettings | undefined;
  #plan: RelayPlan | undefined;
  readonly #repacketiser = new Repacketiser();
  readonly #keyTones = new KeyTones();
  #rtcpAddress = '';
  #rtcpPort = 0;

  constructor(side: TalkSide, sockets: SocketPair, counters: ReceiverCounters) {
    super(sockets, counters);
    this.side = side;
    this.otherSide = otherSide(side);
  }

  apply(signalled: LegMediaSettings, nowMs: number): void {
    const settings = this.spelledAll(signalled);
    const before = this.settings?.remote;
    const { remote } = settings;
    if (remote !== null && (before?.address !== remote.address || before.rtcpPort !== remote.rtcpPort)) {
      this.#rtcpAddress = '';
    }
    this.settings = settings;
    this.kinds = receivedKinds(settings);
    this.#plan = relayPlan(settings);
    this.lock.apply(settings, nowMs);
  }

  /** Sends a packet of the other leg on, at once, rewritten as far as this leg needs it. False: it gets nothing. */
  send(bytes: Buffer, view: RtpView, kind: number): boolean {
    const { settings } = this;
    const plan = this.#plan;
    if (settings === undefined || plan === undefined || settings.remote === null || !settings.listens) return false;
    const type = plan.sendTypes[kind] as number;
    if (kind === payloadKinds.telephoneEvent && type < 0) return this.#sendKeyTone(bytes, view, settings, plan);
    if (type < 0 || (kind <= payloadKinds.pcma && this.#keyTones.covers(view.ssrc, view.timestamp))) return false;
    const translation = plan.translations[kind];
    const cut = view.payloadEnd - view.payloadStart > plan.cutAboveBytes || this.#repacketiser.active;
    if (translation === undefined && !cut) {
      if (type !== view.payloadType) bytes[1] = type | (view.marker ? 0x80 : 0);
      this.#sendRtp(bytes);
      return true;
    }
    /** The fork decodes the packet after us: it must not see a translated payload. */
    const copy = Buffer.from(bytes);
    if (translation !== undefined) {
      for (let i = view.payloadStart; i < view.payloadEnd; i++) copy[i] = translation[copy[i] as number] as number;
    }
    if (cut) {
      const payload = copy.subarray(view.payloadStart, view.payloadEnd);
      for (const packet of this.#repacketiser.cut(copy, view, payload, type, plan.pieceBytes)) this.#sendRtp(packet);
    } else {
      copy[1] = type | (view.marker ? 0x80 : 0);
      this.#sendRtp(copy);
    }
    return true;
  }

  /** Sends RTCP of the other leg on. False: there is nowhere to send it. */
  sendRtcp(bytes: Buffer): boolean {
    const remote = this.settings?.remote ?? null;
    if (this.settings === undefined || remote === null) return false;
    if (this.settings.rtcpMux) this.#sendRtp(bytes);
    else if (this.#rtcpAddress !== '') this.sockets.rtcp.send(bytes, this.#rtcpPort, this.#rtcpAddress);
    else this.sockets.rtcp.send(bytes, remote.rtcpPort, this.lock.locked ? this.lock.address : remote.address);
    return true;
  }

  /** RTCP on its own port is symmetric too: its source is where RTCP then goes. */
  learnRtcpSource(address: string, port: number): void {
    this.#rtcpAddress = address;
    this.#rtcpPort = port;
  }

  /**
   * A key for a leg without telephone-event: its sound, under the packet's own sequence number. The numbers of repeated
   * ends stay out and look lost, which costs the far end nothing: nothing is missing by its timestamps.
   */
  #sendKeyTone(bytes: Buffer, view: RtpView, settings: LegMediaSettings, plan: RelayPlan): boolean {
    const tone = this.#keyTones.packet(bytes, view.payloadStart, view.payloadEnd, view.ssrc, view.timestamp);
    if (tone === undefined) return false;
    const type = plan.sendTypes[payloadKinds.pcmu] as number;
    const payload = encodeG711(settings.sendLaw, tone.pcm);
    const sounded = { ...view, timestamp: tone.timestamp };
    if (payload.length > plan.cutAboveBytes || this.#repacketiser.active) {
      for (const packet of this.#repacketiser.cut(bytes, sounded, payload, type, plan.pieceBytes))
        this.#sendRtp(packet);
      return true;
    }
    const packet = Buffer.concat([bytes.subarray(0, rtpHeaderBytes), payload]);
    packet[0] = 0x80;
    packet[1] = type | (view.marker ? 0x80 : 0);
    packet.writeUInt32BE(tone.timestamp, 4);
    this.#sendRtp(packet);
    return true;
  }

  #sendRtp(bytes: Buffer): void {
    const { lock } = this;
    const remote = this.settings?.remote;
    if (lock.locked) this.sockets.rtp.send(bytes, lock.port, lock.address);
    else if (remote) this.sockets.rtp.send(bytes, remote.rtpPort, remote.address);
  }
}
