/** A tensor of the network, by the name that it has in training. */
export interface NetTensor {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

interface StoredTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** `int8`: a scale (float32) for each of the first dimension, then the codes. */
  readonly type: 'float32' | 'int8';
}

/**
 * The committed weights (asr/training/speakers/pack.py): the length of a JSON header as 32 bits, the header, and the
 * tensors that it lists, all little endian. Throws a RangeError on a file cut short.
 */
export class NetWeights {
  /** What the header says that the weights are. */
  readonly id: string;
  readonly #tensors = new Map<string, NetTensor>();

  constructor(file: Buffer) {
    const headerBytes = file.length < 4 ? Infinity : file.readUInt32LE(0);
    if (headerBytes > file.length - 4) throw new RangeError('the speaker weights are cut short');
    const header = JSON.parse(file.toString('utf8', 4, 4 + headerBytes)) as { id: string; tensors: StoredTensor[] };
    this.id = header.id;
    let offset = 4 + headerBytes;
    for (const { name, dims, type } of header.tensors) {
      const count = dims.reduce((product, dim) => product * dim, 1);
      const rows = dims[0] ?? 1;
      const bytes = type === 'float32' ? 4 * count : 4 * rows + count;
      if (offset + bytes > file.length) throw new RangeError('the speaker weights are cut short');
      const values = new Float32Array(count);
      if (type === 'float32') for (let i = 0; i < count; i++) values[i] = file.readFloatLE(offset + 4 * i);
      else {
        const codes = new Int8Array(file.buffer, file.byteOffset + offset + 4 * rows, count);
        const rowLength = count / rows;
        for (let i = 0; i < count; i++) {
          values[i] = (codes[i] ?? 0) * file.readFloatLE(offset + 4 * Math.floor(i / rowLength));
        }
      }
      this.#tensors.set(name, { dims, values });
      offset += bytes;
    }
  }

  /** Throws a RangeError when there is none of that name. */
  tensor(name: string): NetTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new RangeError(`the speaker weights have no ${name}`);
    return tensor;
  }
}
