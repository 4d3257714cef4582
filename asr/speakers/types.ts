/** Turns stretches of speech into points of a space in which one person's stretches lie close together. */
export interface SpeakerModel {
  /** Tells the vectors of one model from those of another: they cannot be compared. */
  readonly id: string;
  readonly dimensions: number;
  /** Two vectors of this mean cosine are rather of one speaker than of two: where clustering stops. */
  readonly sameVoice: number;
  /**
   * One vector of length 1 for each stretch, in their order. Stretches: 8 kHz mono, best 1.5 s and more; a shorter one
   * is repeated to a second's length; of an empty one the vector is zeros.
   */
  embed(stretches: readonly Int16Array[]): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Brought to length 1 in place; zeros stay zeros. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / length;
  return vector;
}
