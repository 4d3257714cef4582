import type { GraphBuilder, Value } from '../onnx-format/graph-builder.ts';

/**
 * 8 kHz sound to log mel energies inside the graph: the arithmetic of asr/training/digits/features.py, with which the
 * weights were trained. Change both or neither.
 */
const rateHz = 8000;
const frame = 200;
const hop = 80;
const fft = 256;
const bins = fft / 2 + 1;
const mels = 40;
const lowHz = 100;
const highHz = 3900;
const floor = -10;
/** Frames of 10 ms over which the loudest part of a segment is sought. */
const peakFrames = 10;

/** Less than this has no loudest 100 ms. */
export const leastSamples = frame + hop * (peakFrames - 1);

/** [1, samples] in -1..1 -> [1, 40, frames], 100 frames a second, 0 (nothing) to 10 and a little more. */
export function logMels(graph: GraphBuilder, sound: Value): Value {
  const channel = graph.node('Unsqueeze', [sound, graph.int64s([1])]);
  const spectrum = graph.node('Conv', [channel, graph.floats(fourier(), [2 * bins, 1, frame])], { strides: [hop] });
  const [real = '', imaginary = ''] = graph.nodes('Split', [spectrum, graph.int64s([bins, bins])], 2, { axis: 1 });
  const power = graph.node('Add', [graph.node('Mul', [real, real]), graph.node('Mul', [imaginary, imaginary])]);
  const energies = graph.node('Conv', [power, graph.floats(filters(), [mels, bins, 1])]);
  const loudness = graph.node('ReduceMean', [energies], { axes: [1], keepdims: 1 });
  const smooth = graph.node('AveragePool', [loudness], { kernel_shape: [peakFrames], strides: [1] });
  const peak = graph.node('ReduceMax', [smooth], { axes: [2], keepdims: 1 });
  const least = graph.floats([1e-9], []);
  const relative = graph.node('Div', [graph.node('Add', [energies, least]), graph.node('Add', [peak, least])]);
  const logarithm = graph.node('Max', [graph.node('Log', [relative]), graph.floats([floor], [])]);
  return graph.node('Sub', [logarithm, graph.floats([floor], [])]);
}

/** Windowed cosines, then sines, a row each. */
function fourier(): Float32Array {
  const rows = new Float32Array(2 * bins * frame);
  for (let sample = 0; sample < frame; sample++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (sample + 0.5)) / frame);
    for (let bin = 0; bin < bins; bin++) {
      const angle = (2 * Math.PI * bin * sample) / fft;
      rows[bin * frame + sample] = window * Math.cos(angle);
      rows[(bins + bin) * frame + sample] = window * Math.sin(angle);
    }
  }
  return rows;
}

/** Triangles of equal width in mel and equal height. */
function filters(): Float32Array {
  const rows = new Float32Array(mels * bins);
  const step = (mel(highHz) - mel(lowHz)) / (mels + 1);
  for (let band = 0; band < mels; band++) {
    const middle = mel(lowHz) + step * (band + 1);
    for (let bin = 0; bin < bins; bin++) {
      const distance = Math.abs(mel((bin * rateHz) / fft) - middle) / step;
      rows[band * bins + bin] = Math.max(0, 1 - distance);
    }
  }
  return rows;
}

function mel(hz: number): number {
  return 2595 * Math.log10(1 + hz / 700);
}
