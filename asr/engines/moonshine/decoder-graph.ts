import { endToken } from '../../text/tokens.ts';
import { GraphBuilder, type Value } from '../onnx-format/graph-builder.ts';
import { timingHeads } from './acoustic.ts';
import { normalise, queryFactor, rotaryTables, rotate, slice, splitLast, tiny, type RotaryTables } from './layers.ts';
import { padHeadColumns, padHeadRows, productByBlock, productByRow, transposed } from './products.ts';
import type { ShippedWeights } from './weights.ts';

/** Positions that the decoder can reach; the token cap of the longest segment lies below. */
export const maxPositions = 256;
/** Likeliest tokens that a step reports. */
export const candidates = 16;

/**
 * One step of the decoder over b rows of t tokens each, as few nodes as it takes. No row depends on another. Of b rows
 * b / g in a row share what they attend to: the readings of one utterance in a beam search, else g is b.
 *
 * Inputs: `tokens` [b, t]; `positions` [b, t]; `past_lengths` [b], positions before the last of `tokens`;
 * `total` [], the longest row after the step; `past_k.<layer>`, `past_v.<layer>` [b, 8, p, 40]; of the encoder
 * `cross_k.<layer>` [g, 8, 36, s], `cross_v.<layer>` [g, 8, s, 36] and `cross_mask` [g, 1, 1, s], 0 or a large negative
 * number for frames that a row does not have. Of rows with unequal numbers of tokens the shorter are filled up at the end.
 *
 * Outputs: `best` [b, t, 2 * candidates + 1], the likeliest tokens, their log-probabilities and that of the end token;
 * `fresh` [b, t, 12 * 320], key and value of each layer to be appended to the past; `attention` [b, t, s].
 */
export function buildDecoder(weights: ShippedWeights): Buffer {
  const graph = new GraphBuilder();
  const tokens = graph.input('tokens', 'int64', ['b', 't']);
  const mask = graph.input('cross_mask', 'float32', ['g', 1, 1, 's']);
  const step: Step = {
    positions: graph.input('positions', 'int64', ['b', 't']),
    pastLengths: graph.input('past_lengths', 'int32', ['b']),
    total: graph.input('total', 'int32', []),
    mask,
    tables: rotaryTables(graph, maxPositions),
    shapes: crossShapes(graph, tokens, mask),
    fresh: [],
    attention: [],
  };
  const embedding = weights.quantised('model.decoder.embed_tokens.weight_merged_0');
  const lookup = graph.constant('uint8', embedding.quantised, [tiny.vocabulary, tiny.width]);
  let stream = graph.node('DequantizeLinear', [
    graph.node('Gather', [lookup, tokens]),
    graph.floats([embedding.scale], []),
    graph.constant('uint8', Uint8Array.of(embedding.zeroPoint)),
  ]);
  for (let layer = 0; layer < tiny.layers; layer++) {
    stream = selfAttention(graph, weights, layer, stream, step);
    stream = crossAttention(graph, weights, layer, stream, step);
    stream = feedForward(graph, weights, layer, stream);
  }
  const last = normalise(graph, stream, weights.floats('model.decoder.norm.weight_merged_0'));
  const logits = productByRow(graph, last, [{ matrix: transposed(embedding) }]);
  const logProbs = graph.node('LogSoftmax', [logits], { axis: -1 });
  const [likeliest = '', indices = ''] = graph.nodes('TopK', [logProbs, graph.int64s([candidates])], 2, { axis: -1 });
  const end = slice(graph, logProbs, 2, endToken, endToken + 1);
  const best = graph.node('Concat', [graph.node('Cast', [indices], { to: 1 }), likeliest, end], { axis: -1 });
  graph.output('best', best, 'float32', ['b', 't', 2 * candidates + 1]);
  const fresh = graph.node('Concat', step.fresh, { axis: -1 });
  graph.output('fresh', fresh, 'float32', ['b', 't', 2 * tiny.layers * tiny.paddedWidth]);
  const attention = graph.node('Reshape', [graph.node('Sum', step.attention), step.shapes.attention]);
  graph.output('attention', attention, 'float32', ['b', 't', 's']);
  return graph.build();
}

/** What all layers share, and what they leave behind for the outputs. */
interface Step {
  readonly positions: Value;
  readonly pastLengths: Value;
  readonly total: Value;
  readonly mask: Value;
  readonly tables: RotaryTables;
  readonly shapes: CrossShapes;
  readonly fresh: Value[];
  readonly attention: Value[];
}

/**
 * For the cross-attention the rows that share what they attend to are laid one after another: of b rows of t tokens g
 * rows of b / g * t. These are the shapes on the way there and back.
 */
interface CrossShapes {
  /** [g, -1, 8, 36] */
  readonly grouped: Value;
  /** [b, t, 288] */
  readonly rows: Value;
  /** [b, t, -1] */
  readonly attention: Value;
}

function crossShapes(graph: GraphBuilder, tokens: Value, mask: Value): CrossShapes {
  const groups = slice(graph, graph.node('Shape', [mask]), 0, 0, 1);
  const rows = graph.node('Shape', [tokens]);
  const join = (parts: readonly Value[]): Value => graph.node('Concat', parts, { axis: 0 });
  return {
    grouped: join([groups, graph.int64s([-1, tiny.heads, tiny.headSize])]),
    rows: join([rows, graph.int64s([tiny.width])]),
    attention: join([rows, graph.int64s([-1])]),
  };
}

function selfAttention(graph: GraphBuilder, weights: ShippedWeights, layer: number, stream: Value, step: Step): Value {
  const matrix = (name: string) => padHeadColumns(weights.matrix(`layers.${layer}/self_attn/${name}_proj`));
  const packed = productByRow(graph, normalise(graph, stream, norm(weights, layer, 'input_layernorm')), [
    { matrix: matrix('q'), factor: queryFactor },
    { matrix: matrix('k') },
    { matrix: matrix('v') },
  ]);
  const third = tiny.paddedWidth;
  const [query = '', key = '', value = ''] = splitLast(graph, packed, [third, third, third]);
  const turnedKey = rotate(graph, key, step.positions, step.tables);
  step.fresh.push(turnedKey, value);
  const [attended = ''] = graph.nodes(
    'ms.GroupQueryAttention',
    [
      rotate(graph, query, step.positions, step.tables),
      turnedKey,
      value,
      graph.input(`past_k.${layer}`, 'float32', ['b', tiny.heads, 'p', tiny.paddedHeadSize]),
      graph.input(`past_v.${layer}`, 'float32', ['b', tiny.heads, 'p', tiny.paddedHeadSize]),
      step.pastLengths,
      step.total,
    ],
    3,
    { num_heads: tiny.heads, kv_num_heads: tiny.heads, scale: { float: 1 } },
  );
  const dense = padHeadRows(weights.matrix(`layers.${layer}/self_attn/dense`));
  return graph.node('Add', [stream, productByRow(graph, attended, [{ matrix: dense }])]);
}

function crossAttention(graph: GraphBuilder, weights: ShippedWeights, layer: number, stream: Value, step: Step): Value {
  const query = productByRow(graph, normalise(graph, stream, norm(weights, layer, 'post_attention_layernorm')), [
    { matrix: weights.matrix(`layers.${layer}/encoder_attn/q_proj`), factor: queryFactor },
  ]);
  const grouped = graph.node('Transpose', [graph.node('Reshape', [query, step.shapes.grouped])], {
    perm: [0, 2, 1, 3],
  });
  const keys = graph.input(`cross_k.${layer}`, 'float32', ['g', tiny.heads, tiny.headSize, 's']);
  const values = graph.input(`cross_v.${layer}`, 'float32', ['g', tiny.heads, 's', tiny.headSize]);
  const scores = graph.node('Add', [graph.node('MatMul', [grouped, keys]), step.mask]);
  const shares = graph.node('Softmax', [scores], { axis: -1 });
  for (const [timingLayer, head] of timingHeads) {
    if (timingLayer === layer) step.attention.push(slice(graph, shares, 1, head, head + 1));
  }
  const turned = graph.node('Transpose', [graph.node('MatMul', [shares, values])], { perm: [0, 2, 1, 3] });
  const attended = graph.node('Reshape', [turned, step.shapes.rows]);
  const dense = weights.matrix(`layers.${layer}/encoder_attn/dense`);
  return graph.node('Add', [stream, productByRow(graph, attended, [{ matrix: dense }])]);
}

function feedForward(graph: GraphBuilder, weights: ShippedWeights, layer: number, stream: Value): Value {
  const bias = (name: string) => weights.floats(`model.decoder.layers.${layer}.mlp.${name}.bias_merged_0`);
  const up = productByRow(
    graph,
    normalise(graph, stream, norm(weights, layer, 'final_layernorm')),
    [{ matrix: weights.matrix(`layers.${layer}/mlp/up_proj`) }],
    bias('up_proj'),
  );
  const [content = '', gate = ''] = splitLast(graph, up, [tiny.feedForward, tiny.feedForward]);
  // QuickGelu with alpha 1 is SiLU, x * sigmoid(x).
  const gated = graph.node('Mul', [graph.node('ms.QuickGelu', [gate], { alpha: { float: 1 } }), content]);
  const down = weights.matrix(`layers.${layer}/mlp/down_proj`);
  return graph.node('Add', [stream, productByBlock(graph, gated, down, bias('down_proj'))]);
}

function norm(weights: ShippedWeights, layer: number, name: string): Float32Array {
  return weights.floats(`model.decoder.layers.${layer}.${name}.weight_merged_0`);
}
