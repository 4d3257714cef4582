import { readFile } from 'node:fs/promises';
import { SidetoneError } from '#lib/errors.ts';

/** A convolution over time. */
export interface Layer {
  readonly name: string;
  /** Outputs, inputs, taps. */
  readonly shape: readonly [number, number, number];
  readonly stride: number;
  readonly dilation: number;
  /** [outputs, inputs, taps]. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export interface DigitWeights {
  /** What each row of the output stands for; 0 is CTC's blank, 1 any other word. */
  readonly tokens: readonly string[];
  readonly layers: readonly Layer[];
}

interface Head {
  readonly tokens: readonly string[];
  readonly layers: readonly Omit<Layer, 'weights' | 'bias'>[];
}

/** As asr/training/digits/export.py writes them. Throws `model-missing`, `model-broken`. */
export async function readWeights(path: string): Promise<DigitWeights> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new SidetoneError('model-missing', `no digit recogniser at ${path}`, { cause });
  });
  try {
    return parseWeights(bytes);
  } catch (cause) {
    throw new SidetoneError('model-broken', `${path} is no digit recogniser`, { cause });
  }
}

function parseWeights(bytes: Buffer): DigitWeights {
  let at = 4 + bytes.readUInt32LE(0);
  const head = JSON.parse(bytes.toString('utf8', 4, at)) as Head;
  const floats = (count: number): Float32Array => {
    const values = Float32Array.from({ length: count }, (_, index) => bytes.readFloatLE(at + 4 * index));
    at += 4 * count;
    return values;
  };
  const layers = head.layers.map((layer) => {
    const [outputs, inputs, taps] = layer.shape;
    const scales = floats(outputs);
    const bias = floats(outputs);
    const weights = Float32Array.from(
      { length: outputs * inputs * taps },
      (_, index) => bytes.readInt8(at + index) * (scales[Math.floor(index / (inputs * taps))] ?? 0),
    );
    at += weights.length;
    return { ...layer, weights, bias };
  });
  if (at !== bytes.length) throw new RangeError('its length is not what its head says');
  return { tokens: head.tokens, layers };
}
