import { readFile } from 'node:fs/promises';
import { floatTensor, floats, openOnnxSession, type OnnxSession } from '../../engines/onnx.ts';
import { unit, type SpeakerModel } from '../types.ts';
import { bands, filterbank, framesIn } from './filterbank.ts';
import { buildSpeakerGraph } from './graph.ts';
import { NetWeights } from './weights.ts';

const weightsFile = new URL('../weights/speaker-net.bin', import.meta.url);
/** Written by asr/training/speakers/calibrate.ts. */
const calibrationFile = new URL('../weights/calibration.json', import.meta.url);
/** Rows of one run: more is not cheaper a row. */
const mostRows = 16;
const leastSamples = 8000;
/** Longer ones are cut here: by then more adds nothing, and memory is bounded. */
const mostSamples = 8000 * 10;

/** The embedded model, of our own training (docs/training.md). Its graph is built from the committed weights. */
export async function openSpeakerNet(): Promise<SpeakerModel> {
  const weights = new NetWeights(await readFile(weightsFile));
  const session = await openOnnxSession(buildSpeakerGraph(weights));
  const { sameVoice } = JSON.parse(await readFile(calibrationFile, 'utf8')) as { readonly sameVoice: number };
  return new SpeakerNet(session, weights.id, weights.tensor('embed.bias').values.length, sameVoice);
}

class SpeakerNet implements SpeakerModel {
  readonly id: string;
  readonly dimensions: number;
  readonly sameVoice: number;
  readonly #session: OnnxSession;

  constructor(session: OnnxSession, id: string, dimensions: number, sameVoice: number) {
    this.#session = session;
    this.id = id;
    this.dimensions = dimensions;
    this.sameVoice = sameVoice;
  }

  async embed(stretches: readonly Int16Array[]): Promise<readonly Float32Array[]> {
    const vectors = stretches.map(() => new Float32Array(this.dimensions));
    const byLength = Map.groupBy(
      [...stretches.keys()].filter((index) => (stretches[index]?.length ?? 0) > 0),
      (index) => Math.min(mostSamples, Math.max(leastSamples, stretches[index]?.length ?? 0)),
    );
    for (const [samples, all] of byLength) {
      for (let at = 0; at < all.length; at += mostRows) {
        const rows = all.slice(at, at + mostRows);
        const outputs = await this.#run(
          rows.map((index) => filled(stretches[index] ?? new Int16Array(0), samples)),
          framesIn(samples),
        );
        rows.forEach((index, row) => {
          const from = outputs.subarray(row * this.dimensions, (row + 1) * this.dimensions);
          vectors[index]?.set(from);
        });
      }
    }
    return vectors.map(unit);
  }

  async #run(rows: readonly Int16Array[], frames: number): Promise<Float32Array> {
    const features = new Float32Array(rows.length * bands * frames);
    rows.forEach((pcm, row) => filterbank(pcm, features, row * bands * frames));
    const outputs = await this.#session.run({ features: floatTensor(features, [rows.length, bands, frames]) });
    return floats(outputs, 'embeddings');
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** Cut to so many samples, or repeated to as many. */
function filled(pcm: Int16Array, samples: number): Int16Array {
  if (pcm.length >= samples) return pcm.subarray(0, samples);
  const whole = new Int16Array(samples);
  for (let at = 0; at < samples; at += pcm.length) whole.set(pcm.subarray(0, samples - at), at);
  return whole;
}
