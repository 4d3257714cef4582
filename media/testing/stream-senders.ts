import { WebSocket } from 'ws';
import { encodeG711, type Law } from '#lib/audio/g711.ts';
import { littleEndian } from './audiosocket-peer.ts';

const frameMs = 20;

/** A WebSocket client, and what came of it. */
class Sender {
  protected readonly socket: WebSocket;
  /** Whatever the server sent. */
  readonly received: string[] = [];
  /** Once it is closed. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  readonly opened: Promise<void>;

  constructor(url: string, subprotocol?: string) {
    this.socket = subprotocol === undefined ? new WebSocket(url) : new WebSocket(url, subprotocol);
    this.socket.on('message', (data: Buffer) => this.received.push(data.toString('utf8')));
    this.socket.on('error', () => undefined);
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
    this.opened = new Promise((resolve) => {
      this.socket.once('open', resolve);
    });
  }

  get subprotocol(): string {
    return this.socket.protocol;
  }

  text(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  binary(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  hangUp(): void {
    this.socket.close(1000);
  }

  die(): void {
    this.socket.terminate();
  }
}

/**
 * FreeSWITCH's mod_audio_fork by its README, and jambonz' listen by its documentation: a text frame, then 16-bit linear
 * sound in binary frames; two channels are interleaved.
 */
export class LinearSender extends Sender {
  /** In real time, a frame every 20 ms; all channels as long as the first. */
  async play(sampleRateHz: number, ...channels: readonly Int16Array[]): Promise<void> {
    await this.opened;
    const moment = (sampleRateHz * frameMs) / 1000;
    const [first = new Int16Array(0)] = channels;
    const interleaved = Int16Array.from(
      { length: first.length * channels.length },
      (_, n) => channels[n % channels.length]?.[Math.floor(n / channels.length)] ?? 0,
    );
    const samples = moment * channels.length;
    await inTime(Math.floor(interleaved.length / samples), (n) =>
      this.binary(littleEndian(interleaved.subarray(n * samples, (n + 1) * samples))),
    );
  }
}

/** Twilio Media Streams by its documentation of WebSocket messages. */
export class TwilioSender extends Sender {
  readonly streamSid = 'MZ18ad3ab5a668481ce02b83e7395059f0';
  #sequence = 0;

  /** `connected` and `start`. */
  async begin(start: Record<string, unknown> = {}): Promise<void> {
    await this.opened;
    this.text({ event: 'connected', protocol: 'Call', version: '1.0.0' });
    this.message('start', {
      start: {
        accountSid: 'AC00000000000000000000000000000000',
        streamSid: this.streamSid,
        callSid: 'CA00000000000000000000000000000001',
        tracks: ['inbound', 'outbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: {},
        ...start,
      },
    });
  }

  message(event: string, fields: Record<string, unknown>): void {
    this.#sequence += 1;
    this.text({ event, sequenceNumber: String(this.#sequence), streamSid: this.streamSid, ...fields });
  }

  /** `chunk` counts from 1; 20 ms each. */
  media(track: string, chunk: number, pcm: Int16Array, law: Law = 'pcmu'): void {
    const payload = Buffer.from(encodeG711(law, pcm)).toString('base64');
    this.message('media', {
      media: { track, chunk: String(chunk), timestamp: String((chunk - 1) * frameMs), payload },
    });
  }

  stop(): void {
    this.message('stop', { stop: { accountSid: 'AC0', callSid: 'CA0' } });
  }
}

/** Calls back `count` times, once every 20 ms. */
export async function inTime(count: number, each: (n: number) => void): Promise<void> {
  const startMs = performance.now();
  for (let n = 0; n < count; n++) {
    each(n);
    await new Promise((resolve) => {
      setTimeout(resolve, Math.max(0, startMs + (n + 1) * frameMs - performance.now()));
    });
  }
}
