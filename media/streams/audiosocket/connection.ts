import type { Socket } from 'node:net';
import type { Clock } from '#lib/clock.ts';
import type { CallBook } from '../call-book.ts';
import { bytesPerMs, isSameFormat, type Feed } from '../feed.ts';
import { Refused, refusalOf, type StreamOrigin, type StreamRefusals } from '../refusals.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import type { Leaving, Member, Seat } from '../streamed-call.ts';
import { TooFast } from '../too-fast.ts';
import { encodeFrame, formatOfKind, frameKinds, FrameReader, silentFrame, uuidText } from './frames.ts';
import type { Pairing } from './pairing.ts';

export interface ConnectionContext {
  readonly book: CallBook;
  readonly pairing: Pairing;
  readonly refusals: StreamRefusals;
  readonly metrics: StreamMetrics;
  readonly clock: Clock;
  /** Nothing heard for so long: the other end is gone. */
  readonly silentMs: number;
  readonly seen: (origin: StreamOrigin) => void;
}

const uuidWaitMs = 5000;
/** A sender whose frames are nonsense so often has lost its place. */
const mostMalformed = 50;
/** Asterisk's AudioSocket() gives up after two seconds in which neither end has sent anything. */
const quietMs = 200;
const frameMs = 20;
/** Silence is not worth keeping for a sender that does not read. */
const mostUnsentBytes = 65_536;
/** AudioSocket does not say how long a key was held. */
const keyMs = 100;
/** Of sound whose side is not decided yet: the longest wait, and some more. */
const mostEarlyMs = 5000;
const mostEarlyFrames = 2000;
/** How long a peer has to read what was sent to it before the end. */
const lingerMs = 1000;

/**
 * One AudioSocket connection. It gets a frame of silence for every frame of sound that it sends, each in one write
 * (Asterisk waits 5 ms for the rest of a frame), and one now and then while it sends nothing: before its first sound
 * every 20 ms, so that a channel without a clock of its own gets going, later five a second, as on hold.
 */
export class AudioSocketConnection implements Member {
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  #origin: StreamOrigin;
  readonly #reader = new FrameReader();
  readonly #gone = new AbortController();
  readonly #uuidTimer: NodeJS.Timeout;
  #seat: Seat | undefined;
  /** Which side it is; undefined while that is undecided. */
  #sides: Parameters<Seat['feed']>[0] | undefined;
  #feed: Feed | undefined;
  /** Sound that came before the side was decided. */
  #early: { readonly kind: number; readonly payload: Buffer }[] = [];
  #earlyMs = 0;
  #malformed = 0;
  #audioKind: number = frameKinds.audio;
  #audioBytes = 320;
  #heardSound = false;
  #heardMs: number;
  #writtenMs: number;
  readonly #tooFast = new TooFast(
    () => this.#context.refusals.complain(this.#origin, 'sound-too-fast'),
    () => this.refuse(new Refused('sound-flood')),
  );
  #closed = false;

  constructor(socket: Socket, origin: StreamOrigin, context: ConnectionContext) {
    this.#socket = socket;
    this.#origin = origin;
    this.#context = context;
    const nowMs = context.clock.nowMs();
    this.#heardMs = nowMs;
    this.#writtenMs = nowMs;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 15_000);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('end', () => this.#close('sender-ended'));
    socket.on('error', () => this.#close('sender-lost'));
    socket.on('close', () => this.#close('sender-lost'));
    this.#uuidTimer = setTimeout(() => this.refuse(new Refused('uuid-missing')), uuidWaitMs);
  }

  dismiss(): void {
    this.#hangUp('sender-ended');
  }

  refuse(refused: Refused): void {
    if (this.#closed) return;
    this.#context.refusals.refuse(this.#origin, refused);
    this.#hangUp('sender-lost');
  }

  droppedMs(ms: number): void {
    this.#context.metrics.droppedMs('audiosocket', ms);
    this.#tooFast.dropped(ms);
  }

  /** Every 20 ms. */
  tick(nowMs: number): void {
    if (this.#closed || this.#seat === undefined) return;
    if (nowMs - this.#heardMs > this.#context.silentMs) {
      this.#close('sender-lost');
      return;
    }
    // A timer may come a little early.
    const everyMs = this.#heardSound ? quietMs : frameMs - 1;
    if (nowMs - this.#writtenMs >= everyMs) this.#saySilence(nowMs);
  }

  #read(chunk: Buffer): void {
    if (this.#closed) return;
    this.#heardMs = this.#context.clock.nowMs();
    this.#reader.push(chunk, (kind, payload) => {
      this.#frame(kind, payload);
      return !this.#closed;
    });
  }

  #frame(kind: number, payload: Buffer): void {
    if (kind === frameKinds.terminate) {
      this.#close('sender-ended');
    } else if (this.#seat === undefined) {
      this.#identify(kind, payload);
    } else if (formatOfKind(kind) !== undefined) {
      this.#audio(kind, payload);
    } else if (kind === frameKinds.key && payload.length === 1) {
      this.#feed?.key(keyMs, payload.toString('latin1'));
    } else if (kind === frameKinds.error) {
      this.#close('sender-lost');
    } else {
      this.#wrong();
    }
  }

  #identify(kind: number, payload: Buffer): void {
    const uuid = kind === frameKinds.uuid ? uuidText(payload) : undefined;
    if (uuid === undefined) {
      this.#context.metrics.malformed('audiosocket');
      this.refuse(new Refused('not-audiosocket'));
      return;
    }
    clearTimeout(this.#uuidTimer);
    const { book, pairing, seen } = this.#context;
    const placed = pairing.place(
      uuid,
      this.#origin.sourceName,
      (key, sourceName) => book.find({ key, origin: { ...this.#origin, sourceName } }) !== undefined,
    );
    this.#origin = { ...this.#origin, sourceName: placed.sourceName ?? this.#origin.sourceName };
    seen(this.#origin);
    if (placed.isHalfOfPair) this.#context.refusals.complain(this.#origin, 'last-digit-differs');
    try {
      this.#seat = book.join({ ...placed, origin: this.#origin }, this);
    } catch (thrown) {
      this.refuse(refusalOf(thrown));
      return;
    }
    if (placed.sides === null) {
      void pairing.sidesOf(placed.key, this.#seat.call.sides, this.#gone.signal).then((sides) => this.#decided(sides));
    } else {
      this.#decided(placed.sides);
    }
  }

  #decided(sides: Parameters<Seat['feed']>[0]): void {
    if (this.#closed) return;
    this.#sides = sides;
    const early = this.#early;
    this.#early = [];
    for (const { kind, payload } of early) if (!this.#isClosed) this.#hear(kind, payload);
  }

  #audio(kind: number, payload: Buffer): void {
    this.#heardSound = true;
    this.#audioKind = kind;
    this.#audioBytes = payload.length;
    this.#saySilence(this.#heardMs);
    if (this.#sides !== undefined) this.#hear(kind, payload);
    else this.#wait(kind, payload);
  }

  #wait(kind: number, payload: Buffer): void {
    const format = formatOfKind(kind);
    if (format === undefined || payload.length === 0) return;
    const ms = payload.length / bytesPerMs(format);
    if (this.#earlyMs + ms > mostEarlyMs || this.#early.length >= mostEarlyFrames) {
      this.droppedMs(ms);
      return;
    }
    this.#earlyMs += ms;
    this.#early.push({ kind, payload: Buffer.from(payload) });
  }

  #hear(kind: number, payload: Buffer): void {
    const format = formatOfKind(kind);
    if (format === undefined || this.#seat === undefined || this.#sides === undefined) return;
    try {
      this.#feed ??= this.#seat.feed(this.#sides, format);
    } catch (thrown) {
      const refused = refusalOf(thrown);
      const late = refused.reason === 'side-taken' && this.#sides.includes('mixed');
      this.refuse(late ? new Refused('pair-too-late') : refused);
      return;
    }
    if (!isSameFormat(this.#feed.format, format)) {
      this.refuse(new Refused('format-changed'));
      return;
    }
    // Half a sample would turn all that follows into noise.
    if (payload.length % 2 !== 0) this.#wrong();
    this.#feed.write(payload.subarray(0, payload.length & ~1));
  }

  #wrong(): void {
    this.#context.metrics.malformed('audiosocket');
    this.#malformed += 1;
    if (this.#malformed >= mostMalformed) this.refuse(new Refused('not-audiosocket'));
  }

  #saySilence(nowMs: number): void {
    this.#writtenMs = nowMs;
    if (this.#audioBytes > 0) this.#say(silentFrame(this.#audioKind, this.#audioBytes));
  }

  #say(frame: Buffer): void {
    if (!this.#closed && this.#socket.writable && this.#socket.writableLength < mostUnsentBytes) {
      this.#socket.write(frame);
    }
  }

  /** Read anew: what is called in between may have closed it. */
  get #isClosed(): boolean {
    return this.#closed;
  }

  #hangUp(how: Leaving): void {
    this.#say(encodeFrame(frameKinds.terminate, new Uint8Array(0)));
    this.#close(how);
  }

  #close(how: Leaving): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#uuidTimer);
    this.#gone.abort();
    this.#seat?.leave(how);
    this.#socket.end();
    // Whoever does not answer our end, or does not even read what came before it, is not waited for.
    this.#socket.destroySoon();
    setTimeout(() => this.#socket.destroy(), lingerMs).unref();
  }
}
