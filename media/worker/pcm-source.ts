import { decodeTable } from '#lib/audio/g711.ts';
import { StreamResampler } from '#lib/audio/resample.ts';
import type { ChannelSide, PcmStreamFormat } from '#sip/types.ts';
import { FarEndQuality } from '../quality/far-end.ts';
import { SilenceWatch } from '../quality/silence-watch.ts';
import { StreamStats } from '../quality/stream-stats.ts';
import { msToSamples, sampleRateHz, samplesPerMs } from '../types.ts';
import type { CallSound } from './call-sound.ts';
import type { StreamCounts } from './stream-report.ts';

/** The channel takes two seconds at the most; what comes in larger pieces is written in parts. */
const partSamples = msToSamples(100);
/** A sender this far behind has paused: what comes next lies where it arrives. */
const pauseSamples = msToSamples(300);

/** A stream of bare sound: bytes to samples at 8 kHz, each piece after the one before. */
export class PcmSource implements StreamCounts {
  readonly side: ChannelSide;
  readonly codec = null;
  readonly stats = new StreamStats();
  readonly farEnd = new FarEndQuality();
  readonly silence = new SilenceWatch();
  readonly #live: boolean;
  readonly #sound: CallSound;
  readonly #format: PcmStreamFormat;
  readonly #resampler: StreamResampler;
  /** A sample cut in two by the sender's packets. */
  #half = -1;
  /** Of the stretch that is being spoken: each is placed anew. */
  #stretch = 1;
  #stretchSamples = 0;
  #stretchStart = 0;

  /** Not `live` (files): pieces lie one after the other whatever the clock says. */
  constructor(side: ChannelSide, format: PcmStreamFormat, sound: CallSound, live: boolean) {
    this.side = side;
    this.#format = format;
    this.#sound = sound;
    this.#live = live;
    this.#resampler = new StreamResampler(format.sampleRateHz, sampleRateHz);
    const nowMs = performance.now();
    this.silence.heard(nowMs);
    this.silence.expect(true, nowMs);
  }

  /** Bytes that have come just now. */
  write(bytes: Uint8Array, nowMs: number): void {
    this.silence.heard(nowMs);
    this.stats.packets++;
    this.#place(this.#resampler.push(this.#decode(bytes)), nowMs);
  }

  /**
   * So much never came: its place is left unwritten, and filled as any other hole. (The resampler's memory of the few
   * milliseconds before it is not worth emptying.)
   */
  gap(ms: number): void {
    this.#stretchSamples += msToSamples(ms);
  }

  /** The end: what the resampler still holds. */
  flush(): void {
    this.#place(this.#resampler.flush(), this.silence.heardAtMs);
  }

  get writtenMs(): number {
    return this.#end / samplesPerMs;
  }

  /** Of the timeline: the sample after the last. */
  get #end(): number {
    return this.#stretchStart + this.#stretchSamples;
  }

  #place(pcm: Int16Array, nowMs: number): void {
    if (pcm.length === 0) return;
    if (!this.#sound.started) this.#sound.start(this.#live ? pcm.length : 0, this.#live ? nowMs : 0);
    if (this.#live) this.#followPause(pcm.length, nowMs);
    for (let at = 0; at < pcm.length; at += partSamples) {
      const part = pcm.subarray(at, at + partSamples);
      /** The last sample has just been spoken, the others before it. */
      const spokenMs = this.#live
        ? nowMs - (pcm.length - at - part.length) / samplesPerMs
        : this.writtenMs + part.length / samplesPerMs;
      if (!this.#sound.pcm(this.side, part, this.#stretch, this.#stretchSamples, spokenMs)) this.stats.late();
      this.#stretchSamples += part.length;
    }
  }

  #followPause(samples: number, nowMs: number): void {
    const start = this.#sound.clock.at(nowMs) - samples;
    if (start - this.#end < pauseSamples) return;
    this.#stretch++;
    this.#stretchStart = start;
    this.#stretchSamples = 0;
  }

  #decode(bytes: Uint8Array): Int16Array {
    const { encoding } = this.#format;
    if (encoding !== 'linear16') {
      const table = decodeTable(encoding);
      return Int16Array.from(bytes, (code) => table[code] as number);
    }
    const whole = this.#half < 0 ? bytes : withFirst(this.#half, bytes);
    this.#half = whole.length % 2 === 0 ? -1 : (whole.at(-1) as number);
    const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
    const pcm = new Int16Array(whole.length >> 1);
    for (let i = 0; i < pcm.length; i++) pcm[i] = view.getInt16(2 * i, true);
    return pcm;
  }
}

/** Not spread into arguments: of a few hundred thousand bytes that overflows the stack, and the worker with all its calls is gone. */
function withFirst(first: number, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(1 + bytes.length);
  whole[0] = first;
  whole.set(bytes, 1);
  return whole;
}
