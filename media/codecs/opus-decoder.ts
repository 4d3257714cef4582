import { OpusDecoder } from 'opus-decoder';
import { opusFrameSamples, opusPacketSamples } from '#lib/audio/opus-packet.ts';
import type { StreamDecoder } from './types.ts';

const mostSamples = 960;
/** The decoder's input buffer for one channel; no datagram of a network holds as much. */
const mostBytes = 3840;
const nothing = new Int16Array(0);

/** Compiles the decoder, some 0.3 s, once a thread: afterwards each stream's stands within milliseconds. */
export async function prepareOpus(): Promise<void> {
  const decoder = new OpusDecoder({ channels: 1, sampleRate: 8000 });
  await decoder.ready;
  decoder.free();
}

/**
 * Opus as RTP carries it (RFC 7587), by libopus in WebAssembly: whatever the sender's rate, libopus itself brings it to
 * 8 kHz and stereo down to one channel. A frame of no bytes (DTX) and `lost` are concealed by libopus, which fades to
 * its comfort noise. The correction data that packets may carry for the one before (in-band FEC) are not used: the
 * package has no call for them.
 */
export class OpusStreamDecoder implements StreamDecoder {
  readonly #decoder = new OpusDecoder({ channels: 1, sampleRate: 8000 });
  readonly #pcm = new Int16Array(mostSamples);
  /** The packet of a frame that is not there, as the stream's last one was. */
  readonly #absent = new Uint8Array(1);
  #heard = false;
  #state: 'starting' | 'ready' | 'failed' | 'closed' = 'starting';

  constructor() {
    void this.#start();
  }

  /** Packets that come before the decoder stands are silence of their length. */
  decode(bytes: Uint8Array, start: number, end: number): Int16Array {
    const samples = opusPacketSamples(bytes, start, end);
    if (samples === 0 || end - start > mostBytes || this.#state === 'failed' || this.#state === 'closed')
      return nothing;
    if (this.#state === 'starting') return this.#pcm.fill(0).subarray(0, samples);
    this.#absent[0] = (bytes[start] as number) & ~3;
    this.#heard = true;
    return this.#pcm.subarray(0, this.#decode(bytes.subarray(start, end), 0));
  }

  lost(samples: number): Int16Array {
    if (this.#state !== 'ready' || !this.#heard) return nothing;
    const wanted = Math.min(samples, mostSamples);
    const frame = opusFrameSamples(this.#absent[0] as number);
    let at = 0;
    while (at + frame <= wanted) at = this.#decode(this.#absent, at);
    return this.#pcm.subarray(0, at);
  }

  close(): void {
    if (this.#state === 'ready') this.#decoder.free();
    this.#state = 'closed';
  }

  async #start(): Promise<void> {
    try {
      await this.#decoder.ready;
    } catch {
      // No memory for it: the stream stays without sound, and each of its packets is counted as malformed.
      if (this.#state === 'starting') this.#state = 'failed';
      return;
    }
    if (this.#state === 'closed') this.#decoder.free();
    else this.#state = 'ready';
  }

  /** Returns where in `#pcm` it stopped. */
  #decode(packet: Uint8Array, at: number): number {
    const { channelData, samplesDecoded } = this.#decoder.decodeFrame(packet);
    const sound = channelData[0] as Float32Array;
    for (let i = 0; i < samplesDecoded; i++) {
      const sample = Math.round((sound[i] as number) * 32_768);
      this.#pcm[at + i] = sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : sample;
    }
    return at + samplesDecoded;
  }
}
