import { GraphBuilder, type Value } from '../onnx-format/graph-builder.ts';
import { logMels } from './front-end.ts';
import type { DigitWeights, Layer } from './weights.ts';

/** Energies were divided by this in training. */
const featureScale = 0.1;

/**
 * The ONNX model: `sound` [1, samples] (8 kHz, -1..1) -> `scores` [1, tokens, rows], log probabilities, a row each
 * 40 ms. Built anew at each start: it takes some ms.
 */
export function digitGraph({ layers }: DigitWeights): Buffer {
  const graph = new GraphBuilder();
  const sound = graph.input('sound', 'float32', [1, 'samples']);
  let value = graph.node('Mul', [logMels(graph, sound), graph.floats([featureScale], [])]);
  for (const layer of layers) {
    const made = convolution(graph, value, layer);
    if (layer.name === 'last') value = made;
    else if (layer.name.startsWith('block')) value = graph.node('Add', [value, graph.node('Relu', [made])]);
    else value = graph.node('Relu', [made]);
  }
  const scores = graph.node('LogSoftmax', [value], { axis: 1 });
  graph.output('scores', scores, 'float32', [1, 'tokens', 'rows']);
  return graph.build();
}

/** As long as its input (shorter by the stride): zeros stand before and after. */
function convolution(graph: GraphBuilder, input: Value, layer: Layer): Value {
  const side = (layer.dilation * (layer.shape[2] - 1)) / 2;
  return graph.node('Conv', [input, graph.floats(layer.weights, layer.shape), graph.floats(layer.bias)], {
    strides: [layer.stride],
    dilations: [layer.dilation],
    pads: [side, side],
  });
}
