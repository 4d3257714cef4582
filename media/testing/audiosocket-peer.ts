import { connect, type Socket } from 'node:net';

const frameMs = 20;

/**
 * Asterisk's end of AudioSocket, written from its documentation: a frame is a byte of kind, two of length (big-endian)
 * and that many of payload.
 */
export class AudioSocketPeer {
  readonly #socket: Socket;
  /** Frames that came back, in order. */
  readonly received: { readonly kind: number; readonly payload: Buffer }[] = [];
  /** Pieces in which they came: Asterisk wants a frame whole. */
  readonly pieces: number[] = [];
  closed = false;
  #pending = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data) => this.#read(data));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }

  static async connect(port: number, uuid?: string): Promise<AudioSocketPeer> {
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve) => {
      socket.once('connect', resolve);
    });
    const peer = new AudioSocketPeer(socket);
    if (uuid !== undefined) peer.frame(0x01, Buffer.from(uuid.replaceAll('-', ''), 'hex'));
    return peer;
  }

  frame(kind: number, payload: Uint8Array): void {
    const header = Buffer.from([kind, payload.length >> 8, payload.length & 0xff]);
    this.#socket.write(Buffer.concat([header, payload]));
  }

  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** In real time, a frame every 20 ms. */
  async play(kind: number, sampleRateHz: number, pcm: Int16Array): Promise<void> {
    const samples = (sampleRateHz * frameMs) / 1000;
    const startMs = performance.now();
    for (let at = 0, n = 0; at + samples <= pcm.length && !this.closed; at += samples, n++) {
      this.frame(kind, littleEndian(pcm.subarray(at, at + samples)));
      await wait(startMs + (n + 1) * frameMs - performance.now());
    }
  }

  /** 0x00, as Asterisk never does, or its way: the socket closed. */
  hangUp(): void {
    this.#socket.end();
  }

  /** Reads nothing any more. */
  stopReading(): void {
    this.#socket.pause();
  }

  die(): void {
    this.#socket.resetAndDestroy();
  }

  #read(data: Buffer): void {
    this.pieces.push(data.length);
    this.#pending = Buffer.concat([this.#pending, data]);
    while (this.#pending.length >= 3) {
      const length = this.#pending.readUInt16BE(1);
      if (this.#pending.length < 3 + length) return;
      this.received.push({ kind: this.#pending[0] as number, payload: this.#pending.subarray(3, 3 + length) });
      this.#pending = this.#pending.subarray(3 + length);
    }
  }
}

export function littleEndian(pcm: Int16Array): Buffer {
  const bytes = Buffer.alloc(2 * pcm.length);
  pcm.forEach((sample, n) => bytes.writeInt16LE(sample, 2 * n));
  return bytes;
}

export function wideTone(hz: number, sampleRateHz: number, seconds: number): Int16Array {
  return Int16Array.from({ length: sampleRateHz * seconds }, (_, n) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * n) / sampleRateHz)),
  );
}

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, ms));
  });
}
