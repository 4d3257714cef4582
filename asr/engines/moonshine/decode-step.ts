import { endToken } from '../../text/tokens.ts';
import { dimension, floatTensor, floats, int32Tensor, int64Tensor, type OnnxFeeds, type OnnxSession } from '../onnx.ts';
import type { BatchBuffers } from './batch-buffers.ts';
import { candidates, maxPositions } from './decoder-graph.ts';
import { tiny } from './layers.ts';

/** What a row is fed at a step. */
export interface RowFeed {
  /** One token, or several whose order is given: a draft. */
  readonly feed: readonly number[];
  /** Tokens fed before. */
  readonly past: number;
}

/** What a step says of one token fed. Views on memory that is not used again. */
export interface Choice {
  /** The `candidates` likeliest next tokens, their log-probabilities, and at last that of the end token. */
  readonly best: Float32Array;
  /** What the token attended to, by frame of the longest row. */
  readonly attention: Float32Array;
}

const bestSize = 2 * candidates + 1;

/**
 * Feeds rows to the decoder: `rows[i]` is row `firstRow + i` of the buffers, `buffers.rowsEach` in a row share what they
 * attend to. A row that has been fed before takes several tokens only by itself.
 */
export async function runStep(
  decoder: OnnxSession,
  rows: readonly RowFeed[],
  buffers: BatchBuffers,
  firstRow = 0,
): Promise<StepResult> {
  const batch = rows.length;
  const width = Math.max(...rows.map((row) => row.feed.length));
  const tokens: number[] = [];
  const positions: number[] = [];
  for (const row of rows) {
    for (let index = 0; index < width; index++) {
      tokens.push(row.feed[index] ?? endToken);
      positions.push(Math.min(row.past + index, maxPositions - 1));
    }
  }
  const lengths = rows.map((row) => row.past + row.feed.length);
  buffers.reserve(Math.max(...lengths));
  const groups = batch / buffers.rowsEach;
  const firstGroup = firstRow / buffers.rowsEach;
  const mask = buffers.mask.subarray(firstGroup * buffers.frames, (firstGroup + groups) * buffers.frames);
  const feeds: OnnxFeeds = {
    tokens: int64Tensor(tokens, [batch, width]),
    positions: int64Tensor(positions, [batch, width]),
    past_lengths: int32Tensor(
      Int32Array.from(lengths, (length) => length - 1),
      [batch],
    ),
    total: int32Tensor(Int32Array.of(Math.max(...lengths)), []),
    cross_mask: floatTensor(mask, [groups, 1, 1, buffers.frames]),
  };
  const { heads, headSize } = tiny;
  const feedLayers = (name: string, layers: readonly Float32Array[], first: number, dims: readonly number[]): void => {
    const length = dims.reduce((product, dim) => product * dim, 1);
    const start = (first * length) / (dims[0] ?? 1);
    layers.forEach((data, layer) => {
      feeds[`${name}.${layer}`] = floatTensor(data.subarray(start, start + length), dims);
    });
  };
  feedLayers('past_k', buffers.pastKeys, firstRow, [batch, heads, buffers.capacity, tiny.paddedHeadSize]);
  feedLayers('past_v', buffers.pastValues, firstRow, [batch, heads, buffers.capacity, tiny.paddedHeadSize]);
  feedLayers('cross_k', buffers.crossKeys, firstGroup, [groups, heads, headSize, buffers.frames]);
  feedLayers('cross_v', buffers.crossValues, firstGroup, [groups, heads, buffers.frames, headSize]);
  const outputs = await decoder.run(feeds);
  const best = floats(outputs, 'best');
  const attention = floats(outputs, 'attention');
  const fresh = floats(outputs, 'fresh');
  const freshSize = dimension(outputs, 'fresh', 2);
  return {
    choice: (slot, index) => {
      const at = slot * width + index;
      return {
        best: best.subarray(at * bestSize, (at + 1) * bestSize),
        attention: attention.subarray(at * buffers.frames, (at + 1) * buffers.frames),
      };
    },
    keep: (slot, index, position) =>
      buffers.append(firstRow + slot, position, fresh, (slot * width + index) * freshSize),
  };
}

export interface StepResult {
  /** Of the token fed to `rows[slot]` as number `index`. */
  choice(slot: number, index: number): Choice;
  /** Puts that token into its row's past, at `position`. */
  keep(slot: number, index: number, position: number): void;
}
