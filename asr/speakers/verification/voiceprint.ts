import { SidetoneError } from '#lib/errors.ts';
import type { Verification, Voiceprint, VoiceVerifier } from '../../types.ts';
import type { Vad } from '../../vad/silero.ts';
import { dot, unit, type SpeakerModel } from '../types.ts';
import { calibrationOf, probabilityOf } from './calibration.ts';
import { speechOf } from './speech-of.ts';

export const leastEnrolSpeechS = 6;
export const leastVerifySpeechS = 1.5;
/** `same` from here on, `other` up to one less this. */
export const sureProbability = 0.9;
/** Vectors are made of pieces so long; a rest of less than half is left out. */
const pieceSamples = 8000 * 3;

/** Enrols and verifies voices with one speaker model. */
export class SpeakerVerifier implements VoiceVerifier {
  readonly #model: SpeakerModel;
  readonly #vad: Vad;

  constructor(model: SpeakerModel, vad: Vad) {
    this.#model = model;
    this.#vad = vad;
  }

  /**
   * @param recordings 8 kHz mono, of one speaker alone
   * @throws SidetoneError `too-little-speech`
   */
  async enrol(recordings: readonly Int16Array[]): Promise<Voiceprint> {
    const speech: Int16Array[] = [];
    for (const pcm of recordings) speech.push(await speechOf(this.#vad, pcm));
    const speechS = enough(speech, leastEnrolSpeechS);
    return { vector: await voiceOf(this.#model, speech), modelId: this.#model.id, speechS };
  }

  /**
   * @param pcm 8 kHz mono, of one speaker alone
   * @throws SidetoneError `too-little-speech`; `conflict` for a voiceprint of another model
   */
  async verify(voiceprint: Voiceprint, pcm: Int16Array): Promise<Verification> {
    return this.compare(voiceprint, await this.hear(pcm));
  }

  /**
   * A voice as it is heard, to be held against any number of voiceprints.
   * @param pcm 8 kHz mono, of one speaker alone
   * @throws SidetoneError `too-little-speech`
   */
  async hear(pcm: Int16Array): Promise<Voiceprint> {
    const speech = [await speechOf(this.#vad, pcm)];
    const speechS = enough(speech, leastVerifySpeechS);
    return { vector: await voiceOf(this.#model, speech), modelId: this.#model.id, speechS };
  }

  /** @throws SidetoneError `conflict` for a voiceprint of another model */
  compare(voiceprint: Voiceprint, { vector, modelId, speechS }: Voiceprint): Verification {
    if (voiceprint.modelId !== modelId) {
      throw new SidetoneError('conflict', 'the voiceprint is of another speaker model: enrol the voice again');
    }
    const score = dot(voiceprint.vector, vector);
    const probability = probabilityOf(score, speechS, calibrationOf(modelId));
    const decision = probability >= sureProbability ? 'same' : probability <= 1 - sureProbability ? 'other' : 'unsure';
    return { score, probability, decision, speechS };
  }
}

/** One vector of length 1 for the speech of one speaker, pauses left out: the mean over its pieces. */
export async function voiceOf(model: SpeakerModel, speech: readonly Int16Array[]): Promise<Float32Array> {
  const pieces = speech.flatMap((pcm) =>
    Array.from({ length: Math.max(1, Math.round(pcm.length / pieceSamples)) }, (_, index) =>
      pcm.subarray(index * pieceSamples, (index + 1) * pieceSamples),
    ),
  );
  const sum = new Float32Array(model.dimensions);
  const vectors = await model.embed(pieces);
  for (const [index, vector] of vectors.entries()) {
    const weight = pieces[index]?.length ?? 0;
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + weight * (vector[i] ?? 0);
  }
  return unit(sum);
}

function enough(speech: readonly Int16Array[], leastS: number): number {
  const speechS = speech.reduce((sum, pcm) => sum + pcm.length, 0) / 8000;
  if (speechS >= leastS) return speechS;
  throw new SidetoneError('too-little-speech', `${speechS.toFixed(1)} s of speech where ${leastS} s are needed`);
}
