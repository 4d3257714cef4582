import { createRequire } from 'node:module';
import { SidetoneError } from '#lib/errors.ts';

/** The one adapter over sherpa-onnx-node, an optional dependency without types: as much of it as is used here. */
export interface SherpaOnnx {
  readonly OfflineRecognizer: new (config: object) => Recognizer;
  readonly OnlineRecognizer: new (config: object) => OnlineRecognizer;
  readonly SpeakerEmbeddingExtractor: new (config: object) => EmbeddingExtractor;
}
export interface SherpaStream {
  acceptWaveform(sound: { readonly samples: Float32Array; readonly sampleRate: number }): void;
}
export interface FinishingStream extends SherpaStream {
  inputFinished(): void;
}
export interface Recognizer {
  createStream(): SherpaStream;
  decode(stream: SherpaStream): void;
  getResult(stream: SherpaStream): SherpaResult;
}
export interface OnlineRecognizer extends Recognizer {
  createStream(): FinishingStream;
  isReady(stream: SherpaStream): boolean;
}
export interface SherpaResult {
  readonly text: string;
  readonly lang?: string;
  readonly tokens?: readonly string[];
  readonly timestamps?: readonly number[];
  readonly durations?: readonly number[];
  readonly ys_log_probs?: readonly number[];
  readonly ys_probs?: readonly number[];
}
export interface EmbeddingExtractor {
  readonly dim: number;
  createStream(): FinishingStream;
  isReady(stream: FinishingStream): boolean;
  compute(stream: FinishingStream, externalBuffer: boolean): Float32Array;
}

/**
 * Loads it when it is asked for: a server that never does goes without.
 * @param what What needs it: `this model`.
 * @throws SidetoneError `engine-missing`
 */
export function requireSherpa(what: string): SherpaOnnx {
  try {
    return createRequire(import.meta.url)('sherpa-onnx-node') as SherpaOnnx;
  } catch (cause) {
    throw new SidetoneError(
      'engine-missing',
      `${what} needs sherpa-onnx-node, which is not installed: npm install sherpa-onnx-node@1.13.8`,
      { cause },
    );
  }
}
