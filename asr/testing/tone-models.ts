import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, type Value } from '../engines/onnx-format/graph-builder.ts';
import { bytesField } from '../engines/onnx-format/protobuf.ts';

/**
 * Models of the kinds that people bring, small enough to be written by a test: they hear a low tone as "LOW" and a high
 * one as "HIGH". Inputs, outputs and metadata are those of icefall's exports, so sherpa-onnx runs them as it runs the
 * large ones: its features, its search, its times.
 */
export const toneKinds = ['ctc', 'transducer', 'streaming-ctc', 'streaming-transducer'] as const;
export type ToneKind = (typeof toneKinds)[number];

export const lowHz = 400;
export const highHz = 2500;
const melBins = 80;
/** Bands of the 80 in which the tones lie, 400 and 2500 Hz. */
const lowBins = [12, 13, 14];
const highBins = [47, 48, 49];
/** Blank, low, high, unknown. */
const vocabulary = 4;
const tokens = '<blk> 0\n\u2581LOW 1\n\u2581HIGH 2\n<unk> 3\n';
/** A chunk of the streaming ones: 32 frames of 10 ms and 13 that follow; 8 steps come of it. */
const chunk = { frames: 45, hop: 32, steps: 8 } as const;

export function writeToneModel(folder: string, kind: ToneKind): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, bytes: Buffer): void => writeFileSync(join(folder, name), bytes);
  writeFileSync(join(folder, 'tokens.txt'), tokens);
  if (kind === 'ctc') write('model.onnx', wholeModel('log_probs', true));
  else if (kind === 'streaming-ctc') write('ctc-chunk-16.onnx', streamingModel('log_probs', true));
  else {
    const encoder = kind === 'transducer' ? wholeModel('encoder_out', false) : streamingModel('encoder_out', false);
    write('encoder.onnx', encoder);
    write('decoder.onnx', decoderModel());
    write('joiner.onnx', joinerModel());
  }
}

/** Scores of the vocabulary at each step: a tone's loudness for its token, silence in between for blank. */
function scores(graph: GraphBuilder, frames: Value): Value {
  const weights = new Float32Array(melBins * vocabulary);
  for (const bin of lowBins) weights[bin * vocabulary + 1] = 1 / lowBins.length;
  for (const bin of highBins) weights[bin * vocabulary + 2] = 1 / highBins.length;
  const product = graph.node('MatMul', [frames, graph.floats(weights, [melBins, vocabulary])]);
  return graph.node('Add', [product, graph.floats([0, 2, 2, -99])]);
}

function everyFourth(graph: GraphBuilder, x: Value, from: number, to: number): Value {
  return graph.node('Slice', [x, graph.int64s([from]), graph.int64s([to]), graph.int64s([1]), graph.int64s([4])]);
}

function wholeModel(output: string, logSoftmax: boolean): Buffer {
  const graph = new GraphBuilder();
  const x = graph.input('x', 'float32', ['N', 'T', melBins]);
  const lengths = graph.input('x_lens', 'int64', ['N']);
  const raw = scores(graph, everyFourth(graph, x, 0, 1_000_000));
  graph.output(output, logSoftmax ? graph.node('LogSoftmax', [raw], { axis: -1 }) : raw, 'float32', [
    'N',
    'S',
    vocabulary,
  ]);
  const steps = graph.node('Div', [graph.node('Add', [lengths, graph.int64s([3])]), graph.int64s([4])]);
  graph.output(`${output}_lens`, steps, 'int64', ['N']);
  return withMetadata(graph.build(), { model_type: logSoftmax ? 'zipformer2_ctc' : 'zipformer2', version: '1' });
}

function streamingModel(output: string, logSoftmax: boolean): Buffer {
  const graph = new GraphBuilder();
  const x = graph.input('x', 'float32', ['N', chunk.frames, melBins]);
  const raw = scores(graph, everyFourth(graph, x, 0, chunk.hop));
  const dims = ['N', chunk.steps, vocabulary];
  const states: readonly (readonly [string, readonly (number | string)[]])[] = [
    ['cached_key_0', [1, 'N', 1]],
    ['cached_nonlin_attn_0', [1, 'N', 1, 3]],
    ['cached_val1_0', [1, 'N', 1]],
    ['cached_val2_0', [1, 'N', 1]],
    ['cached_conv1_0', ['N', 4, 1]],
    ['cached_conv2_0', ['N', 4, 1]],
    ['embed_states', ['N', 128, 3, 19]],
  ];
  const remembered = states.map(([name, shape]) => graph.input(name, 'float32', shape));
  const processed = graph.input('processed_lens', 'int64', ['N']);
  graph.output(output, logSoftmax ? graph.node('LogSoftmax', [raw], { axis: -1 }) : raw, 'float32', dims);
  states.forEach(([name, shape], index) => graph.output(`new_${name}`, remembered[index] ?? '', 'float32', shape));
  graph.output('new_processed_lens', processed, 'int64', ['N']);
  return withMetadata(graph.build(), {
    model_type: logSoftmax ? 'zipformer2_ctc' : 'zipformer2',
    version: '1',
    decode_chunk_len: String(chunk.hop),
    T: String(chunk.frames),
    num_encoder_layers: '1',
    encoder_dims: '4',
    cnn_module_kernels: '3',
    left_context_len: '1',
    query_head_dims: '1',
    value_head_dims: '1',
    num_heads: '1',
  });
}

/** What was written last, as one of the vocabulary: the joiner takes it away, so that a tone is written once. */
function decoderModel(): Buffer {
  const graph = new GraphBuilder();
  const y = graph.input('y', 'int64', ['N', 2]);
  const last = graph.node('Slice', [y, graph.int64s([1]), graph.int64s([2]), graph.int64s([1])]);
  const once = graph.node('OneHot', [
    graph.node('Squeeze', [last, graph.int64s([1])]),
    graph.constant('int64', BigInt64Array.of(BigInt(vocabulary))),
    graph.floats([0, 1]),
  ]);
  graph.output('decoder_out', once, 'float32', ['N', vocabulary]);
  return withMetadata(graph.build(), { context_size: '2', vocab_size: String(vocabulary) });
}

function joinerModel(): Buffer {
  const graph = new GraphBuilder();
  const heard = graph.input('encoder_out', 'float32', ['N', vocabulary]);
  const written = graph.input('decoder_out', 'float32', ['N', vocabulary]);
  const penalty = graph.node('Mul', [written, graph.floats([0, -99, -99, 0])]);
  graph.output('logit', graph.node('Add', [heard, penalty]), 'float32', ['N', vocabulary]);
  return withMetadata(graph.build(), { joiner_dim: String(vocabulary) });
}

function withMetadata(model: Buffer, metadata: Readonly<Record<string, string>>): Buffer {
  const fields = Object.entries(metadata).map(([key, value]) =>
    bytesField(14, Buffer.concat([bytesField(1, key), bytesField(2, value)])),
  );
  return Buffer.concat([model, ...fields]);
}

/** `[Hz, from ms, to ms]`, at 8 kHz. */
export function tones(totalMs: number, sounds: readonly (readonly [number, number, number])[]): Int16Array {
  const pcm = new Int16Array(totalMs * 8);
  for (const [hz, fromMs, toMs] of sounds) {
    for (let sample = fromMs * 8; sample < toMs * 8; sample += 1) {
      pcm[sample] = Math.round(8000 * Math.sin((2 * Math.PI * hz * sample) / 8000));
    }
  }
  return pcm;
}
