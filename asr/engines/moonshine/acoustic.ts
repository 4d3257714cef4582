import type { PhraseTrie } from './phrases.ts';

/** What lies between sound and tokens: encoder and decoder together. */
export interface AcousticModel {
  /** Of each item its readings, best first: one, or as many as a search has found. */
  transcribe(items: readonly Hearing[]): Promise<readonly (readonly Heard[])[]>;
  close(): Promise<void>;
}

export interface Hearing {
  /** 8 kHz mono. Read only; not kept. */
  readonly pcm: Int16Array;
  readonly maxTokens: number;
  /** The end token may come first only where its probability is above this (nothing-said.ts). */
  readonly endLimit: number;
  /** A guess at the tokens: saves time. It is kept as far as the decoder would choose it; a near tie it may decide. */
  readonly draft: readonly number[];
  readonly phrases?: PhraseTrie | undefined;
  /** When to look for several readings by beam search instead of taking the likeliest token each time. */
  readonly search: 'never' | 'when-weak' | 'always';
}

export interface Heard {
  /** Without begin and end. */
  readonly tokens: readonly number[];
  /** Natural log of each token's probability. */
  readonly logProbs: readonly number[];
  /** Natural log of the probability of the tokens and the end after them, bonuses for phrases included. */
  readonly score: number;
  /** Probability that nothing was said, as the first step has it. */
  readonly endProbability: number;
  /** (tokens + 1) x frames: what each token, and at last the end, attended to. */
  readonly attention: Float32Array;
  readonly frames: number;
}

/** One frame of the encoder, in samples at 8 kHz (24 ms). */
export const frameSamples = 192;

/** Heads whose attention follows the words best: [layer, head]. */
export const timingHeads: readonly (readonly [layer: number, head: number])[] = [
  [3, 7],
  [4, 7],
];
