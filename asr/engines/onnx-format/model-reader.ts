import { fieldsOf, varintsOf } from './protobuf.ts';

export interface StoredTensor {
  readonly dims: readonly number[];
  /** TensorProto element type. */
  readonly type: number;
  /** Little-endian elements, a view of the file's bytes. Values that the file holds as varints are one byte each. */
  readonly raw: Buffer;
}
export interface StoredNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}
export interface StoredModel {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** By the name of each output; nodes inside branches of an `If` too, where the first branch that has a name wins. */
  readonly producers: ReadonlyMap<string, StoredNode>;
}

/** The weights of an ONNX file and which node makes which value. Throws a RangeError on a file cut short. */
export function readModel(bytes: Buffer): StoredModel {
  const tensors = new Map<string, StoredTensor>();
  const producers = new Map<string, StoredNode>();
  for (const { field, body } of fieldsOf(bytes)) if (field === 7) readGraph(body, tensors, producers);
  return { tensors, producers };
}

function readGraph(graph: Buffer, tensors: Map<string, StoredTensor>, producers: Map<string, StoredNode>): void {
  for (const { field, body } of fieldsOf(graph)) {
    if (field === 5) readTensor(body, tensors);
    if (field === 1) readNode(body, tensors, producers);
  }
}

function readTensor(message: Buffer, tensors: Map<string, StoredTensor>): void {
  const dims: number[] = [];
  let type = 0;
  let name = '';
  let raw: Buffer = Buffer.alloc(0);
  for (const { field, value, body } of fieldsOf(message)) {
    if (field === 1 && body.length === 0) dims.push(value);
    else if (field === 2) type = value;
    else if (field === 8) name = body.toString();
    else if (field === 9 || (field === 4 && body.length > 0)) raw = body;
    else if (field === 5 && body.length > 0) raw = Buffer.from(varintsOf(body));
  }
  tensors.set(name, { dims, type, raw });
}

function readNode(message: Buffer, tensors: Map<string, StoredTensor>, producers: Map<string, StoredNode>): void {
  const inputs: string[] = [];
  const outputs: string[] = [];
  let op = '';
  for (const { field, body } of fieldsOf(message)) {
    if (field === 1) inputs.push(body.toString());
    else if (field === 2) outputs.push(body.toString());
    else if (field === 4) op = body.toString();
    else if (field === 5) {
      for (const inner of fieldsOf(body)) if (inner.field === 6) readGraph(inner.body, tensors, producers);
    }
  }
  for (const output of outputs) if (!producers.has(output)) producers.set(output, { op, inputs, outputs });
}
