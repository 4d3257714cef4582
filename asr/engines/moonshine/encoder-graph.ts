import { GraphBuilder, type Value } from '../onnx-format/graph-builder.ts';
import { addCrossCache } from './cross-cache.ts';
import { normalise, queryFactor, rotaryTables, rotate, slice, splitLast, tiny } from './layers.ts';
import { productByTensor } from './products.ts';
import { halfbandWeights } from './resample.ts';
import type { ShippedWeights } from './weights.ts';

/** Frames that the encoder can hold: 49 s. */
export const maxFrames = 2048;
/** Samples in a row of the encoder's input, the first convolution's stride at 8 kHz. */
export const rowSamples = 32;

/**
 * Frames that the encoder makes of so many samples at 8 kHz: those of twice as many at 16 kHz (three convolutions:
 * 127 / 64, 7 / 3, 3 / 2).
 */
export function framesOf(samples: number): number {
  return Math.max(0, Math.floor((2 * samples - 511) / 384));
}

/** Rows that so many frames are made of: one of silence before the sound, and two that the last window runs into. */
export function rowsFor(frames: number): number {
  return 6 * frames + 10;
}

/**
 * The encoder for one utterance. Input: `audio` [rows, 32], 16-bit samples at 8 kHz in order, `rowsFor(frames)` rows, of
 * which the first is silence. Outputs: what the decoder attends to (cross-cache.ts). Convolutions are products of
 * neighbouring rows laid side by side.
 */
export function buildEncoder(weights: ShippedWeights, decoderWeights: ShippedWeights): Buffer {
  const graph = new GraphBuilder();
  const sound = graph.node('Tanh', [
    firstConvolution(graph, weights, graph.input('audio', 'int16', ['rows', rowSamples])),
  ]);
  const features = thirdConvolution(
    graph,
    weights,
    secondConvolution(graph, weights, groupNorm(graph, weights, sound)),
  );
  let stream = graph.node('Unsqueeze', [features, graph.int64s([0])]);
  const tables = rotaryTables(graph, maxFrames);
  const fromZero = graph.int64s([0]);
  for (let layer = 0; layer < tiny.layers; layer++) {
    const matrix = (name: string) => ({ matrix: weights.matrix(`layers.${layer}/${name}`) });
    const packed = productByTensor(graph, normalise(graph, stream, norm(weights, layer, 'input_layernorm')), [
      { ...matrix('self_attn/q_proj'), factor: queryFactor },
      matrix('self_attn/k_proj'),
      matrix('self_attn/v_proj'),
    ]);
    const [query = '', key = '', value = ''] = splitLast(graph, packed, [tiny.width, tiny.width, tiny.width]);
    const attended = graph.node(
      'ms.MultiHeadAttention',
      [rotate(graph, query, fromZero, tables), rotate(graph, key, fromZero, tables), value],
      { num_heads: tiny.heads, scale: { float: 1 } },
    );
    stream = graph.node('Add', [stream, productByTensor(graph, attended, [matrix('self_attn/dense')])]);
    const inner = productByTensor(
      graph,
      normalise(graph, stream, norm(weights, layer, 'post_attention_layernorm')),
      [matrix('mlp/fc1')],
      weights.floats(`layers.${layer}.mlp.fc1.bias`),
    );
    const outer = productByTensor(
      graph,
      graph.node('ms.Gelu', [inner]),
      [matrix('mlp/fc2')],
      weights.floats(`layers.${layer}.mlp.fc2.bias`),
    );
    stream = graph.node('Add', [stream, outer]);
  }
  addCrossCache(graph, normalise(graph, stream, weights.floats('layer_norm.weight')), decoderWeights);
  return graph.build();
}

/**
 * The model's 127 samples, every 64, at 16 kHz, and the resampling to 16 kHz before it, in one: the sample 2 n is the n-th
 * of 8 kHz, the sample 2 n + 1 the weighted sum of the 24 on each side of it (resample.ts). Together they reach from 23
 * samples before a window's place to 86 after it: four rows, of which the first is the row before.
 */
function firstConvolution(graph: GraphBuilder, weights: ShippedWeights, rows: Value): Value {
  const kernel = convolution(weights, 'conv1');
  const combined = new Float32Array(4 * rowSamples * kernel.columns);
  const add = (sample: number, tap: number, weight: number): void => {
    for (let column = 0; column < kernel.columns; column++) {
      const at = (rowSamples + sample) * kernel.columns + column;
      const of = (kernel.matrix[tap * kernel.columns + column] ?? 0) * weight;
      combined[at] = (combined[at] ?? 0) + of / 32_768;
    }
  };
  for (let tap = 0; tap < kernel.rows; tap++) {
    if (tap % 2 === 0) {
      add(tap / 2, tap, 1);
      continue;
    }
    const left = (tap - 1) / 2;
    halfbandWeights.forEach((weight, distance) => {
      add(left - distance, tap, weight);
      add(left + 1 + distance, tap, weight);
    });
  }
  const floats = graph.node('Cast', [rows], { to: 1 });
  const windows = graph.node(
    'Concat',
    [0, 1, 2, 3].map((row) => slice(graph, floats, 0, row, row === 3 ? undefined : row - 3)),
    { axis: 1 },
  );
  return graph.node('MatMul', [windows, graph.floats(combined, [4 * rowSamples, kernel.columns])]);
}

/** One mean and variance over all of the utterance, then a gain and an offset for each channel. */
function groupNorm(graph: GraphBuilder, weights: ShippedWeights, input: Value): Value {
  const mean = graph.node('ReduceMean', [input], { axes: [0, 1], keepdims: 1 });
  const centred = graph.node('Sub', [input, mean]);
  const squares = graph.node('Mul', [centred, centred]);
  const variance = graph.node('ReduceMean', [squares], { axes: [0, 1], keepdims: 1 });
  const deviation = graph.node('Sqrt', [graph.node('Add', [variance, graph.floats([1e-5])])]);
  const gain = graph.node('Div', [graph.floats(weights.floats('onnx::Mul_1488')), deviation]);
  const offset = graph.floats(weights.floats('onnx::Add_1489'));
  return graph.node('Add', [graph.node('Mul', [centred, gain]), offset]);
}

/** 7 rows, every 3: with n = 3 m + 1 rows, three rows side by side twice over, and every third from the seventh on. */
function secondConvolution(graph: GraphBuilder, weights: ShippedWeights, input: Value): Value {
  const [quantised = '', scale = '', zeroPoint = ''] = graph.nodes('DynamicQuantizeLinear', [input], 3);
  const threes = graph.node('Reshape', [slice(graph, quantised, 0, 0, -1), graph.int64s([-1, 3 * tiny.width])]);
  const windows = graph.node(
    'Concat',
    [slice(graph, threes, 0, 0, -1), slice(graph, threes, 0, 1), slice(graph, quantised, 0, 6, undefined, 3)],
    { axis: 1 },
  );
  const { codes, codeScale, zeroPoint: codeZero, rows, columns } = convolution(weights, 'conv2');
  const product = graph.node('ms.MatMulIntegerToFloat', [
    windows,
    graph.constant('int8', codes, [rows, columns]),
    scale,
    graph.floats([codeScale], []),
    zeroPoint,
    graph.constant('int8', Int8Array.of(codeZero)),
    graph.floats(weights.floats('conv2.bias')),
  ]);
  return graph.node('ms.Gelu', [product]);
}

/** 3 rows, every 2. In 8 bits this one would cost accuracy: it stays in floats. */
function thirdConvolution(graph: GraphBuilder, weights: ShippedWeights, input: Value): Value {
  const twos = graph.node('Reshape', [slice(graph, input, 0, 0, -1), graph.int64s([-1, 4 * tiny.width])]);
  const windows = graph.node('Concat', [twos, slice(graph, input, 0, 2, undefined, 2)], { axis: 1 });
  const kernel = convolution(weights, 'conv3');
  const product = graph.node('MatMul', [windows, graph.floats(kernel.matrix, [kernel.rows, kernel.columns])]);
  return graph.node('ms.Gelu', [graph.node('Add', [product, graph.floats(weights.floats('conv3.bias'))])]);
}

/**
 * A stored kernel [out, in, taps] as a matrix [taps * in, out]; as floats and as the stored codes.
 */
function convolution(
  weights: ShippedWeights,
  name: string,
): { matrix: Float32Array; codes: Int8Array; codeScale: number; zeroPoint: number; rows: number; columns: number } {
  const { dims, raw } = weights.tensor(`${name}.weight_quantized`);
  const [columns = 0, inputs = 0, taps = 0] = dims;
  const codeScale = weights.floats(`${name}.weight_scale`)[0] ?? 0;
  // The file holds the offset already scaled: w = code * scale + offset, a whole number of codes.
  const zeroPoint = Math.round(-(weights.floats(`${name}.weight_zero_point`)[0] ?? 0) / codeScale);
  const rows = taps * inputs;
  const codes = new Int8Array(rows * columns).fill(zeroPoint);
  for (let out = 0; out < columns; out++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++) {
        codes[(tap * inputs + input) * columns + out] = raw.readInt8((out * inputs + input) * taps + tap);
      }
    }
  }
  const matrix = Float32Array.from(codes, (code) => (code - zeroPoint) * codeScale);
  return { matrix, codes, codeScale, zeroPoint, rows, columns };
}

function norm(weights: ShippedWeights, layer: number, name: string): Float32Array {
  return weights.floats(`layers.${layer}.${name}.weight`);
}
