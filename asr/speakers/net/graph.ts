import { GraphBuilder, type Value } from '../../engines/onnx-format/graph-builder.ts';
import { bands } from './filterbank.ts';
import type { NetWeights } from './weights.ts';

const dilations = [1, 2, 4] as const;

/**
 * The network of asr/training/speakers/model.py as an ONNX graph: `features` [rows, 40, frames] to `embeddings`
 * [rows, dimensions], not yet of length 1.
 */
export function buildSpeakerGraph(weights: NetWeights): Buffer {
  const graph = new GraphBuilder();
  const embeddings = addNetwork(graph, weights, graph.input('features', 'float32', ['rows', bands, 'frames']));
  graph.output('embeddings', embeddings, 'float32', ['rows', weights.tensor('embed.bias').values.length]);
  return graph.build();
}

/** The network by itself: features [rows, 40, frames] to embeddings. */
export function addNetwork(graph: GraphBuilder, weights: NetWeights, features: Value): Value {
  const net = new Layers(graph, weights);
  let x = net.convolve('conv', features, { stride: 2 });
  x = net.norm('norm', graph.node('Relu', [x]));
  const layers = dilations.map((dilation, index) => {
    const name = `blocks.${index}`;
    const y = net.norm(`${name}.norm`, graph.node('Relu', [net.convolve(`${name}.conv`, x, { dilation })]));
    const whole = graph.node('ReduceMean', [y], { axes: [2], keepdims: 0 });
    const squeezed = graph.node('Relu', [net.project(`${name}.squeeze`, whole)]);
    const gate = graph.node('Sigmoid', [net.project(`${name}.excite`, squeezed)]);
    x = graph.node('Add', [x, graph.node('Mul', [y, graph.node('Unsqueeze', [gate, graph.int64s([2])])])]);
    return x;
  });
  const joined = graph.node('Relu', [net.convolve('join', graph.node('Concat', layers, { axis: 1 }))]);
  const attention = net.convolve('weigh', graph.node('Tanh', [net.convolve('attend', joined)]));
  const shares = graph.node('Softmax', [attention], { axis: 2 });
  const weighted = graph.node('Mul', [joined, shares]);
  const overTime = (value: Value): Value => graph.node('ReduceSum', [value, graph.int64s([2])], { keepdims: 0 });
  const mean = overTime(weighted);
  const squares = overTime(graph.node('Mul', [joined, weighted]));
  const variance = graph.node('Sub', [squares, graph.node('Mul', [mean, mean])]);
  const deviation = graph.node('Sqrt', [graph.node('Max', [variance, graph.floats([1e-5])])]);
  const pooled = net.norm('pooled', graph.node('Concat', [mean, deviation], { axis: 1 }));
  return net.norm('last', net.project('embed', pooled));
}

class Layers {
  readonly #graph: GraphBuilder;
  readonly #weights: NetWeights;

  constructor(graph: GraphBuilder, weights: NetWeights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  convolve(name: string, input: Value, { stride = 1, dilation = 1 } = {}): Value {
    const taps = this.#weights.tensor(`${name}.weight`).dims[2] ?? 1;
    const margin = ((taps - 1) / 2) * dilation;
    return this.#graph.node('Conv', [input, this.#constant(`${name}.weight`), this.#constant(`${name}.bias`)], {
      kernel_shape: [taps],
      strides: [stride],
      dilations: [dilation],
      pads: [margin, margin],
    });
  }

  project(name: string, input: Value): Value {
    return this.#graph.node('Gemm', [input, this.#constant(`${name}.weight`), this.#constant(`${name}.bias`)], {
      transB: 1,
    });
  }

  norm(name: string, input: Value): Value {
    const parts = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => this.#constant(`${name}.${part}`));
    return this.#graph.node('BatchNormalization', [input, ...parts], { epsilon: { float: 1e-5 } });
  }

  #constant(name: string): Value {
    const { values, dims } = this.#weights.tensor(name);
    return this.#graph.floats(values, dims);
  }
}
