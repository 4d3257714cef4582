import { beginToken, endToken } from '../../text/tokens.ts';
import { dimension, floatTensor, floats, int32Tensor, int64Tensor, type OnnxFeeds, type OnnxSession } from '../onnx.ts';
import type { Heard, Hearing } from './acoustic.ts';
import { BatchBuffers, type CrossCache } from './batch-buffers.ts';
import { candidates, maxPositions } from './decoder-graph.ts';
import { tiny } from './layers.ts';
import { loopCut } from './loops.ts';

export interface DecodeItem extends Omit<Hearing, 'pcm'> {
  readonly cross: CrossCache;
}

/** One utterance on its way through the decoder. */
interface Row {
  readonly item: DecodeItem;
  readonly index: number;
  tokens: number[];
  logProbs: number[];
  readonly attention: Float32Array[];
  endProbability: number;
  /** Tokens to be fed at the next step: one, or at first the begin token and the draft. */
  feed: readonly number[];
  past: number;
  done: boolean;
}

const bestSize = 2 * candidates + 1;

/**
 * Greedy decoding of a batch. A draft is fed whole at the first step; as far as each of its tokens is what the decoder
 * would have chosen it is kept, and decoding goes on from there.
 */
export async function decodeBatch(decoder: OnnxSession, items: readonly DecodeItem[]): Promise<Heard[]> {
  const rows = items.map((item, index): Row => {
    const draft = item.draft.slice(0, Math.min(item.maxTokens, maxPositions - 2));
    return {
      item,
      index,
      tokens: [],
      logProbs: [],
      attention: [],
      endProbability: 0,
      feed: [beginToken, ...draft],
      past: 0,
      done: false,
    };
  });
  const heard: Heard[] = [];
  const buffers = new BatchBuffers(
    items.map((item) => item.cross),
    Math.max(...rows.map((row) => row.feed.length), 16),
  );
  const active = [...rows];
  while (active.length > 0) {
    await step(decoder, active, buffers);
    for (let slot = active.length - 1; slot >= 0; slot--) {
      const row = active[slot];
      if (row === undefined || !row.done) continue;
      heard[row.index] = finish(row);
      const last = active.pop();
      if (last !== undefined && last !== row) {
        active[slot] = last;
        buffers.move(active.length, slot);
      }
    }
  }
  return heard;
}

async function step(decoder: OnnxSession, active: readonly Row[], buffers: BatchBuffers): Promise<void> {
  const batch = active.length;
  const width = Math.max(...active.map((row) => row.feed.length));
  const tokens: number[] = [];
  const positions: number[] = [];
  for (const row of active) {
    for (let index = 0; index < width; index++) {
      tokens.push(row.feed[index] ?? endToken);
      positions.push(Math.min(row.past + index, maxPositions - 1));
    }
  }
  const lengths = active.map((row) => row.past + row.feed.length);
  buffers.reserve(Math.max(...lengths));
  const feeds: OnnxFeeds = {
    tokens: int64Tensor(tokens, [batch, width]),
    positions: int64Tensor(positions, [batch, width]),
    past_lengths: int32Tensor(
      Int32Array.from(lengths, (length) => length - 1),
      [batch],
    ),
    total: int32Tensor(Int32Array.of(Math.max(...lengths)), []),
    cross_mask: floatTensor(buffers.mask.subarray(0, batch * buffers.frames), [batch, 1, 1, buffers.frames]),
  };
  const { heads, headSize } = tiny;
  const feedLayers = (name: string, layers: readonly Float32Array[], dims: readonly number[]): void => {
    const length = dims.reduce((product, dim) => product * dim, 1);
    layers.forEach((data, layer) => (feeds[`${name}.${layer}`] = floatTensor(data.subarray(0, length), dims)));
  };
  feedLayers('past_k', buffers.pastKeys, [batch, heads, buffers.capacity, tiny.paddedHeadSize]);
  feedLayers('past_v', buffers.pastValues, [batch, heads, buffers.capacity, tiny.paddedHeadSize]);
  feedLayers('cross_k', buffers.crossKeys, [batch, heads, headSize, buffers.frames]);
  feedLayers('cross_v', buffers.crossValues, [batch, heads, buffers.frames, headSize]);
  const outputs = await decoder.run(feeds);
  const best = floats(outputs, 'best');
  const fresh = floats(outputs, 'fresh');
  const freshSize = dimension(outputs, 'fresh', 2);
  const attention = floats(outputs, 'attention');
  active.forEach((row, slot) => {
    const fed = row.feed;
    for (let index = 0; index < fed.length; index++) {
      const at = slot * width + index;
      buffers.append(slot, row.past, fresh, at * freshSize);
      row.past++;
      const frames = attention.subarray(at * buffers.frames, at * buffers.frames + row.item.cross.frames);
      const chosen = take(row, best.subarray(at * bestSize, (at + 1) * bestSize), frames);
      if (row.done || chosen !== fed[index + 1]) break;
    }
  });
}

/** Adds the token that a step has chosen to a row, or ends the row. Returns the token. */
function take(row: Row, best: Float32Array, attention: Float32Array): number {
  row.attention.push(attention);
  const first = row.past === 1;
  const endProbability = Math.exp(best[2 * candidates] ?? -Infinity);
  if (first) row.endProbability = endProbability;
  const forbidEnd = first && endProbability <= row.item.endLimit;
  const rank = forbidEnd && best[0] === endToken ? 1 : 0;
  const token = best[rank] ?? endToken;
  if (token === endToken || row.tokens.length >= row.item.maxTokens) {
    row.done = true;
    return endToken;
  }
  row.tokens.push(token);
  row.logProbs.push(best[candidates + rank] ?? 0);
  const cut = loopCut(row.tokens);
  if (cut !== undefined) {
    row.tokens = row.tokens.slice(0, cut);
    row.logProbs = row.logProbs.slice(0, cut);
    row.done = true;
  }
  row.feed = [token];
  return token;
}

function finish({ item, tokens, logProbs, attention: lines, endProbability }: Row): Heard {
  const { frames } = item.cross;
  const attention = new Float32Array((tokens.length + 1) * frames);
  for (let line = 0; line <= tokens.length; line++) attention.set(lines[line] ?? [], line * frames);
  return { tokens, logProbs, endProbability, attention, frames };
}
