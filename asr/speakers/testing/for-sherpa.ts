import { readFileSync } from 'node:fs';
import { GraphBuilder } from '../../engines/onnx-format/graph-builder.ts';
import { bytesField } from '../../engines/onnx-format/protobuf.ts';
import { bands } from '../net/filterbank.ts';
import { addNetwork } from '../net/graph.ts';
import { NetWeights } from '../net/weights.ts';

const sherpaBands = 80;
const mel = (hz: number): number => 1127 * Math.log(1 + hz / 700);
const hzOf = (value: number): number => 700 * (Math.exp(value / 1127) - 1);
const middles = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => mel(low) + ((i + 1) * (mel(high) - mel(low))) / (count + 1));

/**
 * Our network as a file for sherpa-onnx, in wespeaker's form: what sherpa computes of a sound (80 bands after Kaldi, 20 to
 * 3600 Hz, pre-emphasised, another window) is brought to what the network hears, nearly.
 */
export function networkForSherpa(): Buffer {
  const weights = new NetWeights(readFileSync(new URL('../weights/speaker-net.bin', import.meta.url)));
  const dimensions = weights.tensor('embed.bias').values.length;
  const graph = new GraphBuilder();
  const energies = graph.node('Exp', [graph.input('x', 'float32', ['N', 'T', sherpaBands])]);
  const ours = graph.node('MatMul', [energies, graph.floats(bandMap(), [sherpaBands, bands])]);
  const logs = graph.node('Log', [graph.node('Add', [ours, graph.floats([1e-6])])]);
  const centred = graph.node('Sub', [logs, graph.node('ReduceMean', [logs], { axes: [1], keepdims: 1 })]);
  const embeddings = addNetwork(graph, weights, graph.node('Transpose', [centred], { perm: [0, 2, 1] }));
  graph.output('embeddings', embeddings, 'float32', ['N', dimensions]);
  return withMetadata(graph.build(), {
    framework: 'wespeaker',
    language: 'English',
    url: '',
    comment: weights.id,
    sample_rate: '8000',
    output_dim: String(dimensions),
    normalize_samples: '1',
  });
}

export function withMetadata(model: Buffer, metadata: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(metadata).map(([key, value]) =>
    bytesField(14, Buffer.concat([bytesField(1, key), bytesField(2, value)])),
  );
  return Buffer.concat([model, ...entries]);
}

/** [80, 40]: of each of Kaldi's bands what falls into each of ours, without its pre-emphasis, at our window's gain. */
function bandMap(): Float32Array {
  const map = new Float32Array(sherpaBands * bands);
  const own = middles(80, 3600, bands);
  const step = (own[1] ?? 0) - (own[0] ?? 0);
  const hann = (i: number): number => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 199);
  const gain = (power: number): number =>
    Array.from({ length: 200 }, (_, i) => hann(i) ** (2 * power)).reduce((a, b) => a + b);
  const windows = gain(1) / gain(0.85);
  middles(20, 3600, sherpaBands).forEach((middle, from) => {
    const angle = (2 * Math.PI * hzOf(middle)) / 8000;
    const emphasis = 1 - 2 * 0.97 * Math.cos(angle) + 0.97 ** 2;
    own.forEach((to, band) => {
      map[from * bands + band] = (Math.max(0, 1 - Math.abs(middle - to) / step) * windows) / emphasis;
    });
  });
  return map;
}
