import { msToSamples, sampleRateHz } from '../types.ts';
import { frequenciesOf } from './frequencies.ts';
import { readKeyEvent } from './telephone-event.ts';

/**
 * Level of each tone at the zero level point, in dBm0. Inside what every administration in ITU-T Q.24 accepts (-3 to
 * -24 dBm, at most 4 dB between the two), the column the stronger by 2 dB, since lines take more of what is high.
 */
const rowDbm0 = -9;
const columnDbm0 = -7;
/** A sine of full scale (32,767) is +3.17 dBm0 in mu-law, +3.14 in A-law (G.711). */
const fullScaleDbm0 = 3.17;
/** Of one packet: updates come every 50 ms at most (RFC 4733 section 2.5.1.2); of what was lost before, no more. */
const longestTone = msToSamples(60);
/** Sound beside a key, from a phone that sends both, is kept back this far past what is known of the key. */
const keyAhead = msToSamples(100);

export interface ToneStretch {
  /** RTP timestamp of the first sample. */
  readonly timestamp: number;
  readonly pcm: Int16Array;
}

/**
 * Turns the telephone-events of one stream into sound for a leg that has not agreed to them: every packet that tells of
 * more of a key becomes the sound of just that. Repeated ends become nothing. All is reckoned in timestamps, so that a
 * key in segments (section 2.5.1.3) sounds without a seam, and an end that is lost holds nothing up.
 */
export class KeyTones {
  #ssrc = -1;
  #timestamp = 0;
  #sounded = 0;
  #down = false;

  /** Undefined when the packet is no key or tells of nothing new. */
  packet(bytes: Uint8Array, from: number, to: number, ssrc: number, timestamp: number): ToneStretch | undefined {
    const key = readKeyEvent(bytes, from, to);
    const frequencies = key && frequenciesOf(key.event);
    if (key === undefined || frequencies === undefined) return undefined;
    if (ssrc !== this.#ssrc || timestamp !== this.#timestamp) {
      if (ssrc === this.#ssrc && ((timestamp - this.#timestamp) | 0) < 0) return undefined;
      this.#ssrc = ssrc;
      this.#timestamp = timestamp;
      this.#sounded = 0;
      this.#down = true;
    }
    if (key.ended) this.#down = false;
    if (key.duration <= this.#sounded) return undefined;
    const start = Math.max(this.#sounded, key.duration - longestTone);
    this.#sounded = key.duration;
    const first = (timestamp + start) % 0x1_0000_0000;
    return { timestamp: first, pcm: dualTone(frequencies, first, key.duration - start) };
  }

  /** Whether sound of this timestamp is to give way to a key. */
  covers(ssrc: number, timestamp: number): boolean {
    if (ssrc !== this.#ssrc) return false;
    const after = (timestamp - this.#timestamp) | 0;
    return after >= 0 && after < this.#sounded + (this.#down ? keyAhead : 0);
  }
}

/** `start`: a timestamp, which sets the phase, so that what follows on goes on. */
function dualTone(
  { rowHz, columnHz }: { readonly rowHz: number; readonly columnHz: number },
  start: number,
  samples: number,
): Int16Array {
  const row = amplitude(rowDbm0);
  const column = amplitude(columnDbm0);
  const turn = (2 * Math.PI) / sampleRateHz;
  return Int16Array.from({ length: samples }, (_, n) =>
    Math.round(row * Math.sin(turn * rowHz * (start + n)) + column * Math.sin(turn * columnHz * (start + n))),
  );
}

function amplitude(dbm0: number): number {
  return 32_767 * 10 ** ((dbm0 - fullScaleDbm0) / 20);
}
