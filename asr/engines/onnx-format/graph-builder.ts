import { bytesField, floatField, numberField } from './protobuf.ts';

/** Element types of TensorProto. */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, int16: 5, int32: 6, int64: 7 } as const;
export type ElementType = keyof typeof elementTypes;

/** A value in the graph under construction: its name. */
export type Value = string & { readonly __value?: never };
type Attribute = number | string | readonly number[] | { readonly float: number };
/** A dimension: its length, or a name for one that is known only when the graph runs. */
type Dimension = number | string;

const microsoft = 'com.microsoft';

/**
 * Writes an ONNX model: nodes in the order in which they are added, each named after its operator. `ms.X` is operator X
 * of onnxruntime's own domain.
 */
export class GraphBuilder {
  readonly #nodes: Buffer[] = [];
  readonly #initialisers: Buffer[] = [];
  readonly #inputs: Buffer[] = [];
  readonly #outputs: Buffer[] = [];
  #count = 0;

  input(name: string, type: ElementType, dims: readonly Dimension[]): Value {
    this.#inputs.push(bytesField(11, valueInfo(name, type, dims)));
    return name;
  }

  /** `dims` may be left out for a scalar. */
  constant(type: ElementType, data: ArrayBufferView, dims: readonly number[] = []): Value {
    const name = `c${this.#count++}`;
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initialisers.push(
      bytesField(
        5,
        Buffer.concat([
          ...dims.map((dim) => numberField(1, dim)),
          numberField(2, elementTypes[type]),
          bytesField(8, name),
          bytesField(9, raw),
        ]),
      ),
    );
    return name;
  }

  floats(values: readonly number[] | Float32Array, dims: readonly number[] = [values.length]): Value {
    return this.constant('float32', Float32Array.from(values), dims);
  }

  int64s(values: readonly number[]): Value {
    return this.constant('int64', BigInt64Array.from(values, BigInt), [values.length]);
  }

  /** One node with one output. An input left out in the middle is ''. */
  node(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    const [output = ''] = this.nodes(op, inputs, 1, attributes);
    return output;
  }

  nodes(
    op: string,
    inputs: readonly Value[],
    outputCount: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const number = this.#count++;
    const outputs = Array.from({ length: outputCount }, (_, index) => `v${number}.${index}`);
    const own = op.startsWith('ms.');
    this.#nodes.push(
      bytesField(
        1,
        Buffer.concat([
          ...inputs.map((input) => bytesField(1, input)),
          ...outputs.map((output) => bytesField(2, output)),
          bytesField(3, `${op}.${number}`),
          bytesField(4, own ? op.slice(3) : op),
          ...Object.entries(attributes).map(([name, value]) => bytesField(5, attribute(name, value))),
          ...(own ? [bytesField(7, microsoft)] : []),
        ]),
      ),
    );
    return outputs;
  }

  output(name: string, value: Value, type: ElementType, dims: readonly Dimension[]): void {
    this.#nodes.push(
      bytesField(
        1,
        Buffer.concat([bytesField(1, value), bytesField(2, name), bytesField(3, name), bytesField(4, 'Identity')]),
      ),
    );
    this.#outputs.push(bytesField(12, valueInfo(name, type, dims)));
  }

  /** The bytes of the model (ModelProto). */
  build(): Buffer {
    const graph = Buffer.concat([
      ...this.#nodes,
      bytesField(2, 'sidetone'),
      ...this.#initialisers,
      ...this.#inputs,
      ...this.#outputs,
    ]);
    return Buffer.concat([
      numberField(1, 8),
      bytesField(2, 'sidetone'),
      bytesField(7, graph),
      bytesField(8, numberField(2, 17)),
      bytesField(8, Buffer.concat([bytesField(1, microsoft), numberField(2, 1)])),
    ]);
  }
}

function valueInfo(name: string, type: ElementType, dims: readonly Dimension[]): Buffer {
  const shape = Buffer.concat(
    dims.map((dim) => bytesField(1, typeof dim === 'number' ? numberField(1, dim) : bytesField(2, dim))),
  );
  const tensor = Buffer.concat([numberField(1, elementTypes[type]), bytesField(2, shape)]);
  return Buffer.concat([bytesField(1, name), bytesField(2, bytesField(1, tensor))]);
}

/** Whole numbers are written as integers; a float is asked for by `{ float }`. */
function attribute(name: string, value: Attribute): Buffer {
  const field = bytesField(1, name);
  if (typeof value === 'number') return Buffer.concat([field, numberField(3, value), numberField(20, 2)]);
  if (typeof value === 'string') return Buffer.concat([field, bytesField(4, value), numberField(20, 3)]);
  if ('float' in value) return Buffer.concat([field, floatField(2, value.float), numberField(20, 1)]);
  return Buffer.concat([field, ...value.map((item) => numberField(8, item)), numberField(20, 7)]);
}
