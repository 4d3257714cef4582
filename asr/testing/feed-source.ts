import { connect, type Socket } from 'node:net';
import { encodeAudioFeedFrame } from '#lib/audio-feed.ts';
import type { AudioFeedControl } from '#media/types.ts';
import type { TalkSide } from '#sip/types.ts';

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
}

interface PlayedCall {
  readonly pcm: Readonly<Record<TalkSide, Int16Array>>;
  readonly startedMs: number;
  readonly sent: Record<TalkSide, number>;
  socket: Socket | undefined;
  hungUp: boolean;
}

const channels = { caller: 0, callee: 1 } as const;
const sides: readonly TalkSide[] = ['caller', 'callee'];

export class FeedSource implements AudioFeedControl {
  readonly decidedSamples = new Map<string, number>();
  /** Calls that some process has been given. */
  readonly attached = new Set<string>();
  readonly #options: Required<FeedSourceOptions>;
  readonly #calls = new Map<string, PlayedCall>();
  readonly #sockets = new Map<string, Socket>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: FeedSourceOptions = {}) {
    this.#options = { speed: 1, blockSamples: 800, memorySamples: Infinity, ...options };
    this.#timer = setInterval(() => this.#play(), 20);
  }

  /** Sample 0 is now. Both sides end with their audio. Returns the monotonic ms of sample 0. */
  add(callId: string, pcm: Readonly<Record<TalkSide, Int16Array>>): number {
    const startedMs = performance.now();
    const sent = { caller: 0, callee: 0 };
    this.#calls.set(callId, { pcm, startedMs, sent, socket: undefined, hungUp: false });
    return startedMs;
  }

  attach(callId: string, socketPath: string, fromSample: Readonly<Record<TalkSide, number>>): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.attached.add(callId);
    const socket = this.#sockets.get(socketPath) ?? this.#connect(socketPath);
    call.socket = socket;
    call.hungUp = false;
    for (const side of sides) {
      const oldest = Math.max(0, this.#position(call) - this.#options.memorySamples);
      const first = Math.min(call.pcm[side].length, Math.max(fromSample[side], oldest));
      call.sent[side] = first;
      socket.write(encodeAudioFeedFrame('open', channels[side], callId, first));
    }
    this.#send(callId, call);
  }

  decided(callId: string, side: TalkSide, sample: number): void {
    this.decidedSamples.set(`${callId}:${side}`, sample);
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
    return Math.floor(elapsed / this.#options.blockSamples) * this.#options.blockSamples;
  }

  #play(): void {
    for (const [callId, call] of this.#calls) this.#send(callId, call);
  }

  #send(callId: string, call: PlayedCall): void {
    const { socket } = call;
    if (socket === undefined || call.hungUp) return;
    const until = this.#position(call);
    for (const side of sides) {
      const { length } = call.pcm[side];
      while (call.sent[side] < Math.min(until, length)) {
        const from = call.sent[side];
        const to = Math.min(from + this.#options.blockSamples, until, length);
        socket.write(encodeAudioFeedFrame('audio', channels[side], callId, from, call.pcm[side].slice(from, to)));
        call.sent[side] = to;
      }
    }
    if (sides.every((side) => call.sent[side] >= call.pcm[side].length)) {
      call.hungUp = true;
      for (const side of sides) {
        socket.write(encodeAudioFeedFrame('end', channels[side], callId, call.pcm[side].length));
      }
    }
  }
}
