import type { GraphBuilder, Value } from '../onnx-format/graph-builder.ts';

/** Sizes of Moonshine tiny. */
export const tiny = {
  layers: 6,
  heads: 8,
  headSize: 36,
  /** GroupQueryAttention wants heads of a multiple of 8: in the decoder's self-attention each is filled up with zeros. */
  paddedHeadSize: 40,
  width: 288,
  paddedWidth: 320,
  feedForward: 1152,
  vocabulary: 32768,
  /** Of a head's 36 values these turn with position, in neighbouring pairs. */
  rotaryDims: 32,
  rotaryBase: 10_000,
} as const;

/** Attention's scale, put into the query's weights: a product scaled by anything but 1 misses MLAS's one-row kernel. */
export const queryFactor = 1 / Math.sqrt(tiny.headSize);

/** Layer normalisation without a bias. onnxruntime's own is scalar code; a mean taken off before an RMS norm is not. */
export function normalise(graph: GraphBuilder, input: Value, weight: Float32Array): Value {
  const mean = graph.node('ReduceMean', [input], { axes: [-1], keepdims: 1 });
  const centred = graph.node('Sub', [input, mean]);
  return graph.node('SimplifiedLayerNormalization', [centred, graph.floats(weight)], {
    axis: -1,
    epsilon: { float: 1e-5 },
  });
}

/** [batch, t, 288] -> [batch, 8, t, 36]. */
export function splitHeads(graph: GraphBuilder, input: Value): Value {
  const shaped = graph.node('Reshape', [input, graph.int64s([0, 0, tiny.heads, tiny.headSize])]);
  return graph.node('Transpose', [shaped], { perm: [0, 2, 1, 3] });
}

/** Cuts the last axis into parts of the given widths. */
export function splitLast(graph: GraphBuilder, input: Value, widths: readonly number[]): Value[] {
  return graph.nodes('Split', [input, graph.int64s(widths)], widths.length, { axis: -1 });
}

/** Part of one axis: from `start` to before `end`, negative from the end, every `step`-th. */
export function slice(
  graph: GraphBuilder,
  input: Value,
  axis: number,
  start: number,
  end: number = Number.MAX_SAFE_INTEGER,
  step = 1,
): Value {
  return graph.node('Slice', [
    input,
    graph.int64s([start]),
    graph.int64s([end]),
    graph.int64s([axis]),
    graph.int64s([step]),
  ]);
}

export interface RotaryTables {
  readonly cos: Value;
  readonly sin: Value;
}

/** Cosines and sines for `positions` positions, [positions, 16] each. */
export function rotaryTables(graph: GraphBuilder, positions: number): RotaryTables {
  const half = tiny.rotaryDims / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let pair = 0; pair < half; pair++) {
      const angle = position * Math.fround(tiny.rotaryBase ** (-pair / half));
      cos[position * half + pair] = Math.cos(angle);
      sin[position * half + pair] = Math.sin(angle);
    }
  }
  return { cos: graph.floats(cos, [positions, half]), sin: graph.floats(sin, [positions, half]) };
}

/** Turns the heads of [batch, t, 8 heads] by their positions. */
export function rotate(graph: GraphBuilder, input: Value, positions: Value, tables: RotaryTables): Value {
  return graph.node('ms.RotaryEmbedding', [input, positions, tables.cos, tables.sin], {
    interleaved: 1,
    num_heads: tiny.heads,
    rotary_embedding_dim: tiny.rotaryDims,
  });
}
