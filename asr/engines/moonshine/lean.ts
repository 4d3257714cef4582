import type { Logger } from '#lib/log.ts';
import { dimension, floats, int16Tensor, openOnnxSession, type OnnxSession } from '../onnx.ts';
import type { AcousticModel, Heard, Hearing } from './acoustic.ts';
import type { CrossCache } from './batch-buffers.ts';
import { decodeBeams } from './beam.ts';
import { decodeBatch, type DecodeItem } from './decode.ts';
import { framesOf, maxFrames, rowSamples, rowsFor } from './encoder-graph.ts';
import { leanGraphs } from './graph-cache.ts';
import { tiny } from './layers.ts';
import type { ModelFiles } from './model-files.ts';
import { isWeak } from './readings.ts';

/** Rows decoded at once: past 8 a row gets hardly cheaper, while all wait for the longest. */
const batchRows = 8;
/** Searches at once, each of several rows. */
const batchSearches = 4;

/** The model on graphs of our own, built from the shipped weights (encoder-graph.ts, decoder-graph.ts). */
export async function openLeanModel(
  files: ModelFiles,
  options: { readonly cacheDir: string; readonly threads: number; readonly logger: Logger },
): Promise<AcousticModel> {
  const graphs = await leanGraphs(files, options.cacheDir, options.logger);
  const encoder = await openOnnxSession(graphs.encoder, options.threads);
  const decoder = await openOnnxSession(graphs.decoder, options.threads);
  return {
    transcribe: async (items) => {
      const heard: (readonly Heard[])[] = [];
      const byLength = [...items.entries()].sort(([, a], [, b]) => a.pcm.length - b.pcm.length);
      for (let start = 0; start < byLength.length; start += batchRows) {
        const batch = byLength.slice(start, start + batchRows);
        const rows: DecodeItem[] = [];
        for (const [, item] of batch) rows.push({ ...item, cross: await encode(encoder, item) });
        const decoded = await decode(decoder, rows);
        decoded.forEach((readings, position) => (heard[batch[position]?.[0] ?? 0] = readings));
      }
      return heard;
    },
    close: async () => {
      await encoder.release();
      await decoder.release();
    },
  };
}

/**
 * Of a long segment the likeliest reading of all may be one that breaks off after a few words: every token more costs. So
 * none counts that has less than this share of the greedy one's tokens.
 */
const leastShare = 0.6;

/** One reading of each row, or those of a search where one is wanted. */
async function decode(decoder: OnnxSession, rows: readonly DecodeItem[]): Promise<(readonly Heard[])[]> {
  const results: (readonly Heard[])[] = rows.map(() => []);
  const once = [...rows.keys()].filter((index) => rows[index]?.search !== 'always');
  const single = await decodeBatch(decoder, pick(rows, once));
  single.forEach((heard, position) => (results[once[position] ?? 0] = [heard]));
  const again = [...rows.keys()].filter((index) => {
    const [first] = results[index] ?? [];
    return rows[index]?.search === 'always' || (rows[index]?.search === 'when-weak' && first && isWeak(first));
  });
  for (let start = 0; start < again.length; start += batchSearches) {
    const some = again.slice(start, start + batchSearches);
    const searched = some.map((index) => {
      const greedy = results[index]?.[0]?.tokens.length ?? 0;
      return { ...(rows[index] as DecodeItem), leastTokens: Math.floor(leastShare * greedy) };
    });
    const found = await decodeBeams(decoder, searched);
    found.forEach((readings, position) => (results[some[position] ?? 0] = readings));
  }
  return results;
}

function pick<Item>(items: readonly Item[], indices: readonly number[]): Item[] {
  return indices.map((index) => items[index] as Item);
}

async function encode(encoder: OnnxSession, { pcm }: Hearing): Promise<CrossCache> {
  const rows = rowsFor(Math.min(maxFrames, framesOf(pcm.length)));
  const audio = new Int16Array(rows * rowSamples);
  audio.set(pcm.subarray(0, audio.length - rowSamples), rowSamples);
  const outputs = await encoder.run({ audio: int16Tensor(audio, [rows, rowSamples]) });
  const perLayer = (name: string): Float32Array[] =>
    Array.from({ length: tiny.layers }, (_, layer) => floats(outputs, `${name}.${layer}`));
  return { frames: dimension(outputs, 'cross_v.0', 2), keys: perLayer('cross_k'), values: perLayer('cross_v') };
}
