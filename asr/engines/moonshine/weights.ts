import { readModel, type StoredModel, type StoredTensor } from '../onnx-format/model-reader.ts';

/** A weight matrix of the shipped model, [rows, columns] in the order of a product x * W: w = (quantised - zero) * scale. */
export interface QuantisedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly quantised: Uint8Array;
  readonly scale: number;
  readonly zeroPoint: number;
}

/** The weights of one of the shipped graphs, asked for by what they are for. All methods throw a TypeError for a graph that is another. */
export class ShippedWeights {
  readonly #model: StoredModel;
  readonly #prefix: string;

  /** `prefix`: what the names of the graph's values begin with. */
  constructor(bytes: Buffer, prefix: string) {
    this.#model = readModel(bytes);
    this.#prefix = prefix;
  }

  /** Of the projection at `path`, say `layers.0/self_attn/q_proj`. */
  matrix(path: string): QuantisedMatrix {
    const product = this.#producer(`${this.#prefix}/${path}/MatMul_output_0_output_quantized`);
    const scale = this.#producer(`${this.#prefix}/${path}/MatMul_quant_scales_mul:0`);
    return this.#quantised(product[1], scale[1], product[3]);
  }

  /** A quantised tensor named by its parts. */
  quantised(name: string): QuantisedMatrix {
    return this.#quantised(`${name}_quantized`, `${name}_scale`, `${name}_zero_point`);
  }

  floats(name: string): Float32Array {
    const { raw } = this.tensor(name);
    return new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
  }

  tensor(name: string): StoredTensor {
    const tensor = this.#model.tensors.get(name);
    if (tensor === undefined) throw new TypeError(`the model has no weights ${name}`);
    return tensor;
  }

  #producer(output: string): readonly string[] {
    const node = this.#model.producers.get(output);
    if (node === undefined) throw new TypeError(`the model has no value ${output}`);
    return node.inputs;
  }

  #quantised(name = '', scaleName = '', zeroName = ''): QuantisedMatrix {
    const { dims, raw } = this.tensor(name);
    const [rows = 0, columns = 0] = dims;
    if (raw.length !== rows * columns) throw new TypeError(`the model's weights ${name} have another shape`);
    const scale = this.floats(scaleName)[0] ?? 0;
    return { rows, columns, quantised: raw, scale, zeroPoint: this.tensor(zeroName).raw[0] ?? 0 };
  }
}
