import { connect, type Socket } from 'node:net';
import { audioChannels, encodeAudioFeedFrame } from '#lib/audio-feed.ts';
import type { AudioFeedControl } from '#media/types.ts';
import type { ChannelSide } from '#sip/types.ts';

/**
 * Stands in for media workers in tests and benches: plays prepared calls over real sockets, in real time or as fast as
 * the reader takes them. Keeps all audio, or only the last `memorySamples`, to give it again when a call is attached
 * anew.
 */
export interface FeedSourceOptions {
  /** How much faster than real time. */
  readonly speed?: number;
  readonly blockSamples?: number;
  readonly memorySamples?: number;
  /** No call goes past this sample before `release`. */
  readonly holdSample?: number;
}

interface PlayedSide {
  readonly side: ChannelSide;
  readonly channel: number;
  /** On the call's timeline: `pcm` begins there. */
  readonly fromSample: number;
  readonly pcm: Int16Array;
  /** The next sample to send. */
  next: number;
  opened: boolean;
}

interface PlayedCall {
  readonly sides: PlayedSide[];
  startedMs: number;
  fromSample: Readonly<Partial<Record<ChannelSide, number>>>;
  socket: Socket | undefined;
  hungUp: boolean;
}

export type PlayedSound = Readonly<Partial<Record<ChannelSide, Int16Array>>>;

export class FeedSource implements AudioFeedControl {
  readonly decidedSamples = new Map<string, number>();
  /** Calls that some process has been given. */
  readonly attached = new Set<string>();
  readonly #options: Required<FeedSourceOptions>;
  readonly #calls = new Map<string, PlayedCall>();
  readonly #sockets = new Map<string, Socket>();
  readonly #timer: NodeJS.Timeout;
  #holdSample: number;

  constructor(options: FeedSourceOptions = {}) {
    this.#options = { speed: 1, blockSamples: 800, memorySamples: Infinity, holdSample: Infinity, ...options };
    this.#holdSample = this.#options.holdSample;
    this.#timer = setInterval(() => this.#play(), 20);
  }

  /** Sample 0 is now. Each side ends with its audio, and all when the last has. Returns the monotonic ms of sample 0. */
  add(callId: string, sound: PlayedSound): number {
    const startedMs = performance.now();
    this.#calls.set(callId, { sides: [], startedMs, fromSample: {}, socket: undefined, hungUp: false });
    for (const [side, pcm] of Object.entries(sound)) this.addSide(callId, side as ChannelSide, pcm, 0);
    return startedMs;
  }

  /** A side more, whose sound begins at `fromSample`. */
  addSide(callId: string, side: ChannelSide, pcm: Int16Array, fromSample: number): void {
    const channel = audioChannels.indexOf(side);
    const played = { side, channel, fromSample, pcm, next: fromSample, opened: false };
    this.#calls.get(callId)?.sides.push(played);
  }

  attach(callId: string, socketPath: string, fromSample: Readonly<Partial<Record<ChannelSide, number>>>): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.attached.add(callId);
    call.socket = this.#sockets.get(socketPath) ?? this.#connect(socketPath);
    call.hungUp = false;
    call.fromSample = fromSample;
    for (const side of call.sides) side.opened = false;
    this.#send(callId, call);
  }

  decided(callId: string, side: ChannelSide, sample: number): void {
    this.decidedSamples.set(`${callId}:${side}`, sample);
  }

  /** Calls that were held go on from there. */
  release(): void {
    const heldMs = this.#holdSample / 8 / this.#options.speed;
    for (const call of this.#calls.values()) call.startedMs = Math.max(call.startedMs, performance.now() - heldMs);
    this.#holdSample = Infinity;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #connect(socketPath: string): Socket {
    const socket = connect(socketPath);
    this.#sockets.set(socketPath, socket);
    const forget = (): void => {
      this.#sockets.delete(socketPath);
      for (const call of this.#calls.values()) if (call.socket === socket) call.socket = undefined;
    };
    socket.on('error', forget);
    socket.on('close', forget);
    return socket;
  }

  #position(call: PlayedCall): number {
    const elapsed = (performance.now() - call.startedMs) * 8 * this.#options.speed;
    const heard = Math.min(elapsed, this.#holdSample);
    return Math.floor(heard / this.#options.blockSamples) * this.#options.blockSamples;
  }

  #play(): void {
    for (const [callId, call] of this.#calls) this.#send(callId, call);
  }

  #send(callId: string, call: PlayedCall): void {
    const { socket } = call;
    if (socket === undefined || call.hungUp) return;
    for (const side of call.sides) this.#sendSide(callId, call, side, socket);
    if (call.sides.some((side) => side.next < endOf(side))) return;
    call.hungUp = true;
    for (const side of call.sides) socket.write(encodeAudioFeedFrame('end', side.channel, callId, endOf(side)));
  }

  #sendSide(callId: string, call: PlayedCall, side: PlayedSide, socket: Socket): void {
    const until = Math.min(endOf(side), this.#position(call));
    if (!side.opened) {
      const oldest = this.#position(call) - this.#options.memorySamples;
      side.next = Math.min(endOf(side), Math.max(side.fromSample, call.fromSample[side.side] ?? 0, oldest));
      side.opened = true;
      socket.write(encodeAudioFeedFrame('open', side.channel, callId, side.next));
    }
    while (side.next < until) {
      const to = Math.min(side.next + this.#options.blockSamples, until);
      const pcm = side.pcm.slice(side.next - side.fromSample, to - side.fromSample);
      socket.write(encodeAudioFeedFrame('audio', side.channel, callId, side.next, pcm));
      side.next = to;
    }
  }
}

function endOf({ fromSample, pcm }: PlayedSide): number {
  return fromSample + pcm.length;
}
