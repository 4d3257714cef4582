import type { AudioCodec } from '#sip/types.ts';

/** How a stream came, as far as the E-model asks. */
export interface Reception {
  readonly codec: AudioCodec;
  /** 0..1: packets that were not to be heard, lost or too late. */
  readonly lossShare: number;
  /** Mean length of a run of losses over that of losses by chance (G.107 section 7.5); 1 by chance, more in bursts. */
  readonly burstRatio: number;
  /** From mouth to ear, as far as it is known. */
  readonly delayMs: number;
}

/** R of a narrowband call by the default values of G.107 section 7.7, without delay and without a codec's losses. */
const bestRating = 93.2;
/** Delay that nobody notices, and the sensitivity to it, of the default class (G.107 section 7.4). */
const unnoticedMs = 100;
const sensitivity = 1;

/**
 * Ie and Bpl of G.113 appendix I: G.711 with concealment of losses, which jitter/concealer.ts does (the last pitch period,
 * faded out in 60 ms, as G.711 appendix I has it). For G.722 and Opus there are no values on the narrowband scale: what
 * they are reduced to here is no worse than G.711, and their losses are filled in the same way, so its values stand in;
 * after a loss both need a few frames to recover, of which this knows nothing.
 */
const impairments: Readonly<Record<AudioCodec, { readonly ie: number; readonly bpl: number }>> = {
  pcmu: { ie: 0, bpl: 25.1 },
  pcma: { ie: 0, bpl: 25.1 },
  g722: { ie: 0, bpl: 25.1 },
  opus: { ie: 0, bpl: 25.1 },
};

/**
 * Mean opinion score, 1 to 4.41, by the E-model (ITU-T G.107): R = 93.2 - Id - Ie,eff. Echo, levels and noise, of which a
 * receiver knows nothing, are at the model's defaults.
 */
export function meanOpinionScore(reception: Reception): number {
  return scoreOf(bestRating - delayImpairment(reception.delayMs) - lossImpairment(reception));
}

/** Annex B of G.107. */
export function scoreOf(rating: number): number {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

/** Id by section 7.4, of which absolute delay (Idd) is the part that is known here. */
export function delayImpairment(delayMs: number): number {
  if (delayMs <= unnoticedMs) return 0;
  const x = Math.log2(delayMs / unnoticedMs);
  const power = 6 * sensitivity;
  return 25 * ((1 + x ** power) ** (1 / power) - 3 * (1 + (x / 3) ** power) ** (1 / power) + 2);
}

/** Ie,eff by section 7.5. */
export function lossImpairment({ codec, lossShare, burstRatio }: Omit<Reception, 'delayMs'>): number {
  const { ie, bpl } = impairments[codec];
  const lossPercent = 100 * lossShare;
  return ie + ((95 - ie) * lossPercent) / (lossPercent / burstRatio + bpl);
}
