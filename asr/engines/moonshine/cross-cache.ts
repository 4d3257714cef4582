import type { GraphBuilder, Value } from '../onnx-format/graph-builder.ts';
import { splitHeads, splitLast, tiny } from './layers.ts';
import { productByTensor } from './products.ts';
import type { ShippedWeights } from './weights.ts';

/**
 * What the decoder attends to, made once for an utterance: outputs `cross_k.<layer>` [b, 8, 36, s] (ready to be
 * multiplied) and `cross_v.<layer>` [b, 8, s, 36]. `hidden`: the encoder's result [b, s, 288].
 */
export function addCrossCache(graph: GraphBuilder, hidden: Value, decoderWeights: ShippedWeights): void {
  for (let layer = 0; layer < tiny.layers; layer++) {
    const packed = productByTensor(graph, hidden, [
      { matrix: decoderWeights.matrix(`layers.${layer}/encoder_attn/k_proj`) },
      { matrix: decoderWeights.matrix(`layers.${layer}/encoder_attn/v_proj`) },
    ]);
    const [k = '', v = ''] = splitLast(graph, packed, [tiny.width, tiny.width]);
    const shaped = graph.node('Reshape', [k, graph.int64s([0, 0, tiny.heads, tiny.headSize])]);
    const key = graph.node('Transpose', [shaped], { perm: [0, 2, 3, 1] });
    graph.output(`cross_k.${layer}`, key, 'float32', ['b', tiny.heads, tiny.headSize, 's']);
    graph.output(`cross_v.${layer}`, splitHeads(graph, v), 'float32', ['b', tiny.heads, 's', tiny.headSize]);
  }
}
