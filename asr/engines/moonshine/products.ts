import type { GraphBuilder, Value } from '../onnx-format/graph-builder.ts';
import { tiny } from './layers.ts';
import type { QuantisedMatrix } from './weights.ts';

/**
 * Products of activations with the shipped 8-bit weights, x * W + bias. The three kinds differ in how x becomes 8-bit:
 * - `productByTensor`: one scale for all of x, as the shipped graph has it. One node. For the encoder, which sees one
 *   utterance at a time.
 * - `productByRow`: a scale for each row, so that no row of a batch can change another. For the decoder.
 * - `productByBlock`: a scale for each 32 values of a row. Slower over many rows; for the decoder's widest input, whose
 *   few large values would drown the others (token agreement with the shipped graph 98.8 % without, 99.4 % with).
 */
export interface WeightedInput {
  readonly matrix: QuantisedMatrix;
  /** The result is scaled by it; 1 unless given. */
  readonly factor?: number;
}

export function productByTensor(
  graph: GraphBuilder,
  input: Value,
  parts: readonly WeightedInput[],
  bias?: Float32Array,
): Value {
  const { weights, scales, zeroPoints } = signedWeights(graph, parts);
  const inputs = [input, weights, scales, zeroPoints, ...(bias === undefined ? [] : [graph.floats(bias)])];
  return graph.node('ms.DynamicQuantizeMatMul', inputs);
}

export function productByRow(
  graph: GraphBuilder,
  input: Value,
  parts: readonly WeightedInput[],
  bias?: Float32Array,
): Value {
  const { weights, scales, zeroPoints } = signedWeights(graph, parts);
  const unit = graph.floats([1 / 127], []);
  const middle = graph.constant('uint8', Uint8Array.of(128));
  const largest = graph.node('ReduceMax', [graph.node('Abs', [input])], { axes: [-1], keepdims: 1 });
  const quantised = graph.node('QuantizeLinear', [graph.node('Div', [input, largest]), unit, middle]);
  const product = graph.node('ms.MatMulIntegerToFloat', [quantised, weights, unit, scales, middle, zeroPoints]);
  const result = graph.node('Mul', [product, largest]);
  return bias === undefined ? result : graph.node('Add', [result, graph.floats(bias)]);
}

/** Values of x that share a scale; it divides every width of the model. */
const blockSize = 32;

export function productByBlock(graph: GraphBuilder, input: Value, matrix: QuantisedMatrix, bias: Float32Array): Value {
  const { rows, columns } = matrix;
  const blocks = (columns * rows) / blockSize;
  return graph.node(
    'ms.MatMulNBits',
    [
      input,
      graph.constant('uint8', transposed(matrix).quantised, [columns, rows / blockSize, blockSize]),
      graph.floats(new Float32Array(blocks).fill(matrix.scale)),
      graph.constant('uint8', new Uint8Array(blocks).fill(matrix.zeroPoint), [blocks]),
      '',
      graph.floats(bias),
    ],
    // Level 4: activations quantised to 8 bits.
    { K: rows, N: columns, bits: 8, block_size: blockSize, accuracy_level: 4 },
  );
}

/** The matrices side by side, made signed, for which onnxruntime has the fastest kernel. */
function signedWeights(
  graph: GraphBuilder,
  parts: readonly WeightedInput[],
): { weights: Value; scales: Value; zeroPoints: Value } {
  const rows = parts[0]?.matrix.rows ?? 0;
  const columns = parts.reduce((sum, { matrix }) => sum + matrix.columns, 0);
  const weights = new Int8Array(rows * columns);
  const scales = new Float32Array(columns);
  const zeroPoints = new Int8Array(columns);
  let offset = 0;
  for (const { matrix, factor = 1 } of parts) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < matrix.columns; column++) {
        weights[row * columns + offset + column] = (matrix.quantised[row * matrix.columns + column] ?? 0) - 128;
      }
    }
    scales.fill(matrix.scale * factor, offset, offset + matrix.columns);
    zeroPoints.fill(matrix.zeroPoint - 128, offset, offset + matrix.columns);
    offset += matrix.columns;
  }
  return {
    weights: graph.constant('int8', weights, [rows, columns]),
    scales: graph.floats(scales),
    zeroPoints: graph.constant('int8', zeroPoints, [columns]),
  };
}

export function transposed(matrix: QuantisedMatrix): QuantisedMatrix {
  const { rows, columns } = matrix;
  const quantised = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      quantised[column * rows + row] = matrix.quantised[row * columns + column] ?? 0;
    }
  }
  return { ...matrix, rows: columns, columns: rows, quantised };
}

/** The matrix with each head's columns filled up by zeros. */
export function padHeadColumns(matrix: QuantisedMatrix): QuantisedMatrix {
  const quantised = new Uint8Array(matrix.rows * tiny.paddedWidth).fill(matrix.zeroPoint);
  for (let line = 0; line < matrix.rows * tiny.heads; line++) {
    const head = matrix.quantised.subarray(line * tiny.headSize, (line + 1) * tiny.headSize);
    quantised.set(head, line * tiny.paddedHeadSize);
  }
  return { ...matrix, columns: tiny.paddedWidth, quantised };
}

/** The matrix with each head's rows filled up by zeros. */
export function padHeadRows(matrix: QuantisedMatrix): QuantisedMatrix {
  const quantised = new Uint8Array(tiny.paddedWidth * matrix.columns).fill(matrix.zeroPoint);
  const block = tiny.headSize * matrix.columns;
  for (let head = 0; head < tiny.heads; head++) {
    const rows = matrix.quantised.subarray(head * block, (head + 1) * block);
    quantised.set(rows, head * tiny.paddedHeadSize * matrix.columns);
  }
  return { ...matrix, rows: tiny.paddedWidth, quantised };
}
