import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { once } from '#lib/closing.ts';
import { SidetoneError, systemCode } from '#lib/errors.ts';
import { requireSherpa, type EmbeddingExtractor } from '../../sherpa-onnx.ts';
import { unit, type SpeakerModel } from '../types.ts';
import { metadataOf } from './metadata.ts';

/** sherpa-onnx ends the process when one of these is not there. */
const needed: Readonly<Record<string, readonly string[]>> = {
  wespeaker: ['sample_rate', 'output_dim', 'normalize_samples'],
  '3d-speaker': ['sample_rate', 'output_dim', 'normalize_samples'],
  nemo: ['sample_rate', 'output_dim', 'feature_normalize_type', 'window_size_ms', 'window_stride_ms', 'window_type'],
};
const leastSamples = 8000;

/**
 * A speaker model of another maker by sherpa-onnx-node: an ONNX file exported for it (wespeaker, 3D-Speaker, TitaNet).
 * What the file says of itself is looked at first, because sherpa-onnx ends the process over one that it does not know.
 * @throws SidetoneError `engine-missing`, `model-missing`, `model-broken`
 */
export async function openBroughtModel(path: string): Promise<SpeakerModel> {
  const file = await readFile(path).catch((cause: unknown) => {
    if (systemCode(cause) === undefined) throw cause;
    throw new SidetoneError('model-missing', `the speaker model ${path} cannot be read`, { cause });
  });
  checkMetadata(path, file);
  const extractor = new (requireSherpa('this speaker model').SpeakerEmbeddingExtractor)({
    model: path,
    numThreads: 1,
    debug: false,
  });
  return {
    id: basename(path, '.onnx'),
    dimensions: extractor.dim,
    // What these models are usually clustered at: sherpa-onnx's own default.
    sameVoice: 0.5,
    embed: (stretches) => Promise.resolve(stretches.map((pcm) => embedOne(extractor, pcm))),
    close: once(() => Promise.resolve()),
  };
}

function checkMetadata(path: string, file: Buffer): void {
  const broken = (why: string, cause?: unknown): SidetoneError =>
    new SidetoneError('model-broken', `the speaker model ${path} ${why}`, { cause });
  let metadata: ReadonlyMap<string, string>;
  try {
    metadata = metadataOf(file);
  } catch (cause) {
    throw broken('is no ONNX file, or a damaged one', cause);
  }
  const framework = metadata.get('framework') ?? '';
  const keys = needed[framework];
  if (keys === undefined) throw broken('is not exported for sherpa-onnx: its metadata names no framework known here');
  const missing = keys.filter((key) => !metadata.has(key));
  if (missing.length > 0) throw broken(`has no metadata ${missing.join(', ')}`);
}

function embedOne(extractor: EmbeddingExtractor, pcm: Int16Array): Float32Array {
  if (pcm.length === 0) return new Float32Array(extractor.dim);
  const samples = new Float32Array(Math.max(pcm.length, leastSamples));
  for (let i = 0; i < samples.length; i++) samples[i] = (pcm[i % pcm.length] ?? 0) / 32_768;
  const stream = extractor.createStream();
  stream.acceptWaveform({ samples, sampleRate: 8000 });
  stream.inputFinished();
  if (!extractor.isReady(stream)) return new Float32Array(extractor.dim);
  // A buffer of its own: what lies outside V8's heap is not always allowed.
  return unit(extractor.compute(stream, false).slice());
}
