import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { AudioDescription, MediaLine, SessionDescription } from './description.ts';

/** The audio that we describe to a leg: ours in address and port, the other leg's in what it can do. */
export interface LocalAudio extends Omit<AudioDescription, 'address' | 'rtpPort' | 'rtcpPort'> {
  /** Refuse the audio itself (its offer switched it off, or the other leg did). */
  readonly off: boolean;
}

/**
 * Our side of one leg's description: one `o=` id for the leg's life, its version raised by one whenever the text
 * changes (RFC 3264 section 8), and the leg's m-lines, whose number and order never shrink or change.
 */
export class LegSession {
  /** Ours, as this leg's peer reaches it. */
  readonly address: string;
  readonly #id = String(randomInt(1, 2 ** 47));
  /** `IN IP4 192.0.2.1` */
  readonly #at: string;
  readonly #rtpPort: number;
  #version = 0;
  #body = '';
  #lines: readonly MediaLine[] = [];
  #audioIndex = 0;

  /** `mediaAddress`: where the ports are, if they are not ours. */
  constructor(address: string, rtpPort: number, mediaAddress: string = address) {
    this.address = address;
    this.#at = `IN ${isIPv6(mediaAddress) ? 'IP6' : 'IP4'} ${mediaAddress}`;
    this.#rtpPort = rtpPort;
  }

  /** The whole description as last sent, for a refresh that changes nothing. */
  get last(): string | undefined {
    return this.#body === '' ? undefined : this.#text();
  }

  /** An offer to the leg: its known m-lines with all but the audio switched off, or one audio line at the start. */
  offer(audio: LocalAudio): string {
    if (this.#lines.length === 0) this.#lines = [{ kind: 'audio', protocol: 'RTP/AVP', formats: '' }];
    return this.#write(audio);
  }

  /** The answer to an offer of the leg, line for line. */
  answer(offer: SessionDescription, audio: LocalAudio): string {
    this.#lines = offer.lines;
    this.#audioIndex = offer.audioIndex;
    return this.#write(audio);
  }

  #write(audio: LocalAudio): string {
    const lines = ['s=-', `c=${this.#at}`, 't=0 0'];
    this.#lines.forEach((line, index) => {
      if (index === this.#audioIndex) lines.push(...this.#audioLines(line.protocol, audio));
      else lines.push(`m=${line.kind} 0 ${line.protocol} ${line.formats}`);
    });
    const body = lines.join('\r\n') + '\r\n';
    if (body !== this.#body) this.#version += 1;
    this.#body = body;
    return this.#text();
  }

  #text(): string {
    return `v=0\r\no=sidetone ${this.#id} ${this.#version} ${this.#at}\r\n${this.#body}`;
  }

  #audioLines(protocol: string, audio: LocalAudio): string[] {
    const formats: number[] = audio.laws.map((law) => (law === 'pcmu' ? 0 : 8));
    const maps: string[] = audio.laws.map((law) => (law === 'pcmu' ? 'a=rtpmap:0 PCMU/8000' : 'a=rtpmap:8 PCMA/8000'));
    if (audio.comfortNoise) {
      formats.push(13);
      maps.push('a=rtpmap:13 CN/8000');
    }
    if (audio.telephoneEvent !== null) {
      const { payload, events } = audio.telephoneEvent;
      formats.push(payload);
      maps.push(`a=rtpmap:${payload} telephone-event/8000`, `a=fmtp:${payload} ${events}`);
    }
    const first = `m=audio ${audio.off ? 0 : this.#rtpPort} ${protocol} ${formats.join(' ')}`;
    if (audio.off) return [first];
    if (audio.ptimeMs !== null) maps.push(`a=ptime:${audio.ptimeMs}`);
    if (audio.maxptimeMs !== null) maps.push(`a=maxptime:${audio.maxptimeMs}`);
    if (audio.rtcpMux) maps.push('a=rtcp-mux');
    return [first, ...maps, `a=${audio.direction}`];
  }
}
