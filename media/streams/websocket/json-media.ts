import type { PartySide, PcmStreamFormat } from '#sip/types.ts';
import type { Feed } from '../feed.ts';
import { bytesPerMs } from '../feed.ts';
import { Refused } from '../refusals.ts';
import type { Seat } from '../streamed-call.ts';
import type { StreamAddress } from './address.ts';
import { readMessage, type StreamMessage, type Track as TrackName } from './json-messages.ts';
import type { StreamSession } from './linear16.ts';
import type { WebSocketMember } from './member.ts';
import { Track } from './track.ts';

const mostMalformed = 50;

interface Lane {
  readonly feed: Feed;
  readonly track: Track;
}

/** Twilio Media Streams, and those who copy it. Nothing is sent. */
export class JsonMediaSession implements StreamSession {
  readonly #member: WebSocketMember;
  readonly #address: StreamAddress;
  readonly #fallbackKey: string;
  #seat: Seat | undefined;
  #format: PcmStreamFormat | undefined;
  #outbound = false;
  readonly #lanes = new Map<TrackName, Lane>();
  #malformed = 0;

  constructor(member: WebSocketMember, address: StreamAddress, fallbackKey: string) {
    this.#member = member;
    this.#address = address;
    this.#fallbackKey = fallbackKey;
  }

  text(data: string): void {
    const message = readMessage(data);
    if (message === undefined) {
      this.#member.malformed();
      this.#malformed += 1;
      if (this.#seat === undefined || this.#malformed >= mostMalformed) this.#member.refuse(new Refused('not-json'));
      return;
    }
    this.#member.attempt(() => this.#take(message));
  }

  binary(): void {
    this.#member.malformed();
    this.#member.refuse(new Refused('not-json'));
  }

  flush(): void {
    for (const { track } of this.#lanes.values()) track.flush();
  }

  /** @throws Refused */
  #take(message: StreamMessage): void {
    switch (message.type) {
      case 'start':
        this.#start(message);
        return;
      case 'media':
        this.#lane(message.track).track.push(message.chunk, message.timestampMs, message.payload);
        return;
      case 'key':
        // A key on a track that has no sound yet: there is no place to mark.
        this.#lanes.get(message.track)?.feed.key(message.durationMs, message.spelled);
        return;
      case 'stop':
        this.flush();
        this.#member.ended();
        return;
      case 'other':
        return;
      default:
        message satisfies never;
    }
  }

  #start({ said, format }: Extract<StreamMessage, { readonly type: 'start' }>): void {
    // Some begin a stream anew on the same socket: the call goes on.
    if (this.#seat !== undefined) return;
    if (format === undefined) throw new Refused('unsupported-encoding');
    const { call, people, sipCallId } = this.#address;
    this.#format = format;
    this.#outbound = this.#address.swap ?? said.outbound;
    this.#seat = this.#member.join({
      key: call ?? said.callIds[0] ?? this.#fallbackKey,
      sipCallIds: [...new Set([sipCallId, ...said.callIds, call].filter((id) => id !== null))],
      known: { caller: people.caller ?? said.people.caller, callee: people.callee ?? said.people.callee },
    });
  }

  /** @throws Refused */
  #lane(name: TrackName): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const format = this.#format;
    if (this.#seat === undefined || format === undefined) throw new Refused('start-missing');
    const feed = this.#seat.feed([this.#sideOf(name)], format);
    const lane: Lane = {
      feed,
      track: new Track(format, {
        write: (bytes) => feed.write(bytes),
        gap: (ms) => feed.gap(ms),
        late: (bytes) => this.#member.lateMs(bytes / bytesPerMs(format)),
      }),
    };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** What the provider hears is the caller's (the called one's where it placed the call), what it says the other's. */
  #sideOf(name: TrackName): PartySide {
    if (name === 'inbound' && this.#address.side !== null) return this.#address.side;
    return (name === 'inbound') === this.#outbound ? 'callee' : 'caller';
  }
}
