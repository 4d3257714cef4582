/**
 * As much of the protocol buffer wire format as ONNX files need: varints and length-delimited fields, written and read.
 * Repeated fields may be appended at the end of a message, so a message can be added to without being understood.
 */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest > 127 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** A varint field (wire type 0): a safe integer; a negative one as the 64-bit two's complement that protobuf wants. */
export function numberField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), value < 0 ? negativeVarint(value) : varint(value)]);
}

function negativeVarint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); rest > 0n; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
  }
  return Buffer.from(bytes);
}

/** A 32-bit float field (wire type 5). */
export function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), bytes]);
}

/** A length-delimited field (wire type 2): a sub-message, bytes, or text as UTF-8. */
export function bytesField(field: number, body: Uint8Array | string): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
}

export interface Field {
  readonly field: number;
  /** Wire type 0: the number. 2: the length of `body`. Others: 0. */
  readonly value: number;
  /** The content of a length-delimited field; empty for others. A view, not a copy. */
  readonly body: Buffer;
  /** Tag and content as they stand. */
  readonly raw: Buffer;
}

/** The fields of a message in order. Throws a RangeError where the message is cut short. */
export function* fieldsOf(message: Buffer): Generator<Field> {
  let offset = 0;
  const readVarint = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = message[offset++];
      if (byte === undefined) throw new RangeError('protobuf message cut short');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  while (offset < message.length) {
    const start = offset;
    const tag = readVarint();
    const wireType = tag & 7;
    let value = 0;
    let body = message.subarray(0, 0);
    if (wireType === 0) {
      value = readVarint();
    } else if (wireType === 2) {
      value = readVarint();
      body = message.subarray(offset, offset + value);
      offset += value;
    } else if (wireType === 1 || wireType === 5) {
      offset += wireType === 1 ? 8 : 4;
    } else {
      throw new RangeError('protobuf wire type unknown');
    }
    if (offset > message.length) throw new RangeError('protobuf message cut short');
    yield { field: Math.floor(tag / 8), value, body, raw: message.subarray(start, offset) };
  }
}

/** The message again, each field replaced by what `change` returns for it, or left as it is for undefined. */
export function mapFields(message: Buffer, change: (field: Field) => Buffer | undefined): Buffer {
  return Buffer.concat([...fieldsOf(message)].map((field) => change(field) ?? field.raw));
}

/** The varints of a packed repeated field. */
export function varintsOf(packed: Buffer): number[] {
  const values: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of packed) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) {
      values.push(value);
      value = 0;
      scale = 1;
    }
  }
  return values;
}
