import { createSocket, type Socket } from 'node:dgram';
import { SidetoneError } from '#lib/errors.ts';
import { SmallMediaFork } from './media-fork.ts';
import {
  otherSide,
  talkSides,
  type LegMediaSettings,
  type MediaCall,
  type MediaFork,
  type MediaGateway,
  type RecordPolicy,
  type TalkSide,
} from '../types.ts';

/** A media gateway of a few lines: real sockets that pass RTP to where the other leg listens, and a record of all it was told. */
export class SmallMediaGateway implements MediaGateway {
  readonly calls: SmallMediaCall[] = [];
  readonly forks: SmallMediaFork[] = [];
  readonly #listeners = new Set<(trouble: { callId: string; kind: 'timeout' | 'failed' }) => void>();
  readonly #codeListeners = new Set<(code: { callId: string; paused: boolean }) => void>();
  /** Calls that may be open at once. */
  limit = Infinity;
  /** RTP streams that each fork may have. */
  streamLimit = Infinity;

  async open(request: { readonly callId: string; readonly record: RecordPolicy }): Promise<MediaCall> {
    if (this.calls.filter((call) => !call.closed).length >= this.limit) {
      throw new SidetoneError('ports-exhausted', 'no ports left');
    }
    const call = new SmallMediaCall(request.callId, request.record, await bound(), await bound());
    this.calls.push(call);
    return call;
  }

  openFork(request: { readonly callId: string; readonly record: RecordPolicy }): Promise<MediaFork> {
    const fork = new SmallMediaFork(request.callId, request.record, this.streamLimit);
    this.forks.push(fork);
    return Promise.resolve(fork);
  }

  get lastFork(): SmallMediaFork {
    const fork = this.forks.at(-1);
    if (fork === undefined) throw new Error('no fork was opened');
    return fork;
  }

  onTrouble(listener: (trouble: { callId: string; kind: 'timeout' | 'failed' }) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onPauseCode(listener: (code: { callId: string; paused: boolean }) => void): () => void {
    this.#codeListeners.add(listener);
    return () => this.#codeListeners.delete(listener);
  }

  pauseCode(callId: string, paused: boolean): void {
    for (const listener of this.#codeListeners) listener({ callId, paused });
  }

  trouble(callId: string, kind: 'timeout' | 'failed'): void {
    for (const listener of this.#listeners) listener({ callId, kind });
  }

  get last(): SmallMediaCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('no call was opened');
    return call;
  }

  async close(): Promise<void> {
    for (const call of this.calls) await call.close();
    for (const fork of this.forks) await fork.close();
  }
}

export class SmallMediaCall implements MediaCall {
  readonly callId: string;
  readonly record: RecordPolicy;
  readonly ports: MediaCall['ports'];
  readonly updates: Readonly<Record<TalkSide, LegMediaSettings[]>> = { caller: [], callee: [] };
  readonly digits: { side: TalkSide; durationMs: number }[] = [];
  readonly packets: Record<TalkSide, number> = { caller: 0, callee: 0 };
  closed = false;
  paused = false;
  readonly #sockets: Readonly<Record<TalkSide, Socket>>;

  constructor(callId: string, record: RecordPolicy, caller: Socket, callee: Socket) {
    this.callId = callId;
    this.record = record;
    this.#sockets = { caller, callee };
    const ports = (socket: Socket): { rtpPort: number; rtcpPort: number } => {
      const rtpPort = socket.address().port;
      return { rtpPort, rtcpPort: rtpPort + 1 };
    };
    this.ports = { caller: ports(caller), callee: ports(callee) };
    for (const side of talkSides) {
      this.#sockets[side].on('message', (packet) => {
        this.packets[side] += 1;
        const remote = this.settings(otherSide(side))?.remote;
        if (remote) this.#sockets[otherSide(side)].send(packet, remote.rtpPort, remote.address);
      });
    }
  }

  update(side: TalkSide, settings: LegMediaSettings): void {
    if (this.closed) throw new Error('update of a closed media call');
    this.updates[side].push(settings);
  }

  settings(side: TalkSide): LegMediaSettings | undefined {
    return this.updates[side].at(-1);
  }

  digitByInfo(side: TalkSide, durationMs: number): void {
    this.digits.push({ side, durationMs });
  }

  pause(paused: boolean): void {
    this.paused = paused;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all(
      talkSides.map((side) => new Promise<void>((resolve) => this.#sockets[side].close(() => resolve()))),
    );
  }
}

function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, () => resolve(socket));
  });
}
