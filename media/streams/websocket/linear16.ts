import type { PartySide, PcmStreamFormat } from '#sip/types.ts';
import type { Feed } from '../feed.ts';
import { Refused } from '../refusals.ts';
import type { Seat } from '../streamed-call.ts';
import type { StreamAddress } from './address.ts';
import { keyDurationMs, parseObject, type Loose } from './json-messages.ts';
import type { WebSocketMember } from './member.ts';
import { readSaid, type Said } from './said.ts';

const keyEvents: readonly string[] = ['dtmf', 'websocket:dtmf', 'dtmf_end'];

/** What a socket speaks. */
export interface StreamSession {
  text(data: string): void;
  /** Valid during the call only. */
  binary(data: Buffer): void;
  /** The socket is gone: what still waits. */
  flush(): void;
}

/**
 * Bare sound: a text frame that tells of the call (mod_audio_fork's metadata, jambonz, Vonage, Asterisk), then 16-bit little-endian
 * samples in binary frames, one channel or two interleaved. Text frames later may tell of keys. Nothing is sent: a
 * message to mod_audio_fork may play sound to the caller or end the call.
 */
export class Linear16Session implements StreamSession {
  readonly #member: WebSocketMember;
  readonly #address: StreamAddress;
  readonly #fallbackKey: string;
  #seat: Seat | undefined;
  #said: Said | undefined;
  #format: PcmStreamFormat | undefined;
  #channels: 1 | 2 = 1;
  #feeds: readonly Feed[] = [];
  /** The bytes of a moment that has not come whole. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(member: WebSocketMember, address: StreamAddress, fallbackKey: string) {
    this.#member = member;
    this.#address = address;
    this.#fallbackKey = fallbackKey;
  }

  text(data: string): void {
    const json = parseObject(data);
    // Metadata is whatever the sender's user wrote.
    if (this.#said === undefined) this.#begin(readSaid(json));
    else this.#later(json ?? { event: /^\w+/.exec(data)?.[0], digit: /\bdigit:(.)/.exec(data)?.[1] });
  }

  binary(data: Buffer): void {
    if (this.#said === undefined) this.#begin(readSaid(undefined));
    const seat = this.#seat;
    const format = this.#format;
    if (seat === undefined || format === undefined || this.#member.isOver) return;
    this.#member.attempt(() => {
      if (this.#feeds.length === 0) this.#feeds = this.#open(seat, format);
      this.#hear(data);
    });
  }

  flush(): void {
    this.#rest = Buffer.alloc(0);
  }

  #begin(said: Said): void {
    this.#said = said;
    const { call, people, sipCallId } = this.#address;
    this.#member.attempt(() => {
      const sampleRateHz = this.#address.sampleRateHz ?? said.sampleRateHz;
      if (sampleRateHz === undefined) throw new Refused('rate-unknown');
      this.#format = { encoding: 'linear16', sampleRateHz };
      this.#seat = this.#member.join({
        key: call ?? said.callIds[0] ?? this.#fallbackKey,
        sipCallIds: [...new Set([sipCallId, ...said.callIds, call].filter((id) => id !== null))],
        known: { caller: people.caller ?? said.people.caller, callee: people.callee ?? said.people.callee },
      });
    });
  }

  /** @throws Refused */
  #open(seat: Seat, format: PcmStreamFormat): readonly Feed[] {
    const said = this.#said;
    const stereo = said?.layout === 'stereo' || said?.layout === '2';
    this.#channels = this.#address.channels ?? (stereo && this.#address.side === null ? 2 : 1);
    return this.#sides(said).map((wanted) => seat.feed(wanted, format));
  }

  #sides(said: Said | undefined): readonly (readonly PartySide[])[] {
    const { side, swap } = this.#address;
    const talkSides: readonly PartySide[] =
      (swap ?? said?.outbound === true) ? ['callee', 'caller'] : ['caller', 'callee'];
    if (this.#channels === 2) return talkSides.map((each) => [each]);
    if (side !== null) return [[side]];
    return [said?.layout === 'mixed' ? ['mixed'] : talkSides];
  }

  #hear(data: Buffer): void {
    const momentBytes = 2 * this.#channels;
    const bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    const whole = bytes.length - (bytes.length % momentBytes);
    this.#rest = Buffer.from(bytes.subarray(whole));
    const [first, second] = this.#feeds;
    if (second === undefined) {
      first?.write(bytes.subarray(0, whole));
      return;
    }
    const left = Buffer.allocUnsafe(whole / 2);
    const right = Buffer.allocUnsafe(whole / 2);
    for (let at = 0, to = 0; at < whole; at += 4, to += 2) {
      left[to] = bytes[at] as number;
      left[to + 1] = bytes[at + 1] as number;
      right[to] = bytes[at + 2] as number;
      right[to + 1] = bytes[at + 3] as number;
    }
    first?.write(left);
    second.write(right);
  }

  /**
   * jambonz `{event: dtmf, dtmf, duration}`, Vonage `{event: websocket:dtmf, digit, duration}`, Asterisk `DTMF_END digit:1`
   * (JSON or not), or what users send so.
   */
  #later(json: Loose): void {
    const said = json.event ?? json.type;
    const event = typeof said === 'string' ? said.toLowerCase() : '';
    if (keyEvents.includes(event)) this.#feeds[0]?.key(keyDurationMs(json.duration), json.digit ?? json.dtmf);
    else if (event === 'stop' || event === 'hangup') this.#member.ended();
  }
}
