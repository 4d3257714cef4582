import './no-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** The one adapter over onnxruntime-node. `run` blocks its thread although it returns a promise. */
export type OnnxSession = Pick<InferenceSession, 'run' | 'release' | 'inputNames' | 'outputNames'>;
export { Tensor as OnnxTensor };
export type OnnxFeeds = Record<string, Tensor>;

/** `model`: a path or the bytes of a model. */
export async function openOnnxSession(model: string | Uint8Array, threads = 1): Promise<OnnxSession> {
  const options: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Without the arena a decoder step is 15 to 20 times slower.
    enableCpuMemArena: true,
    logSeverityLevel: 3,
  };
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options);
}

export function floatTensor(data: Float32Array, dims: readonly number[]): Tensor {
  return new Tensor('float32', data, dims);
}

export function int16Tensor(data: Int16Array, dims: readonly number[]): Tensor {
  return new Tensor('int16', data, dims);
}

export function int64Tensor(values: readonly number[], dims: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

export function int32Tensor(data: Int32Array, dims: readonly number[]): Tensor {
  return new Tensor('int32', data, dims);
}

/** An output as float32. Throws when it is absent or of another type: the graph is not the one expected. */
export function floats(outputs: Readonly<Record<string, Tensor>>, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array)) throw new TypeError(`the model has no float output ${name}`);
  return data;
}

/** Dimension `axis` of an output. */
export function dimension(outputs: Readonly<Record<string, Tensor>>, name: string, axis: number): number {
  const length = outputs[name]?.dims[axis];
  if (length === undefined) throw new TypeError(`the model has no output ${name} with axis ${axis}`);
  return length;
}
