import { expect, test } from 'vitest';
import { floatTensor, floats, openOnnxSession } from '../onnx.ts';
import { GraphBuilder } from './graph-builder.ts';
import { readModel } from './model-reader.ts';
import { bytesField, fieldsOf, mapFields, numberField, varint, varintsOf } from './protobuf.ts';

test('varints as the specification has them', () => {
  expect([...varint(0)]).toEqual([0]);
  expect([...varint(150)]).toEqual([0x96, 0x01]);
  expect([...numberField(1, -1)]).toEqual([0x08, ...Array<number>(9).fill(0xff), 0x01]);
  const large = Number.MAX_SAFE_INTEGER;
  expect([...fieldsOf(numberField(3, large))][0]).toMatchObject({ field: 3, value: large });
  expect(varintsOf(Buffer.concat([varint(1), varint(300)]))).toEqual([1, 300]);
});

test('fields are read back, changed alone, and a cut message is refused', () => {
  const message = Buffer.concat([numberField(1, 7), bytesField(2, 'text'), bytesField(40, Buffer.alloc(200))]);
  expect([...fieldsOf(message)].map(({ field, body }) => [field, body.length])).toEqual([
    [1, 0],
    [2, 4],
    [40, 200],
  ]);
  const changed = mapFields(message, ({ field }) => (field === 2 ? bytesField(2, 'other') : undefined));
  expect([...fieldsOf(changed)].map(({ body }) => body.toString()).at(1)).toBe('other');
  expect(() => [...fieldsOf(message.subarray(0, -1))]).toThrow(RangeError);
  expect(() => [...fieldsOf(Buffer.from([0x80]))]).toThrow(RangeError);
});

test('onnxruntime runs what the builder writes, and the reader finds the weights again', async () => {
  const graph = new GraphBuilder();
  const x = graph.input('x', 'float32', ['n', 2]);
  const product = graph.node('MatMul', [x, graph.floats([1, 2, 3, 4], [2, 2])]);
  const [left = '', right = ''] = graph.nodes('Split', [product, graph.int64s([1, 1])], 2, { axis: -1 });
  graph.output('y', graph.node('Sub', [left, right]), 'float32', ['n', 1]);
  graph.output('gelu', graph.node('ms.QuickGelu', [x], { alpha: { float: 1 } }), 'float32', ['n', 2]);
  const bytes = graph.build();

  const session = await openOnnxSession(bytes);
  const outputs = await session.run({ x: floatTensor(Float32Array.of(1, 1, 2, 0), [2, 2]) });
  expect([...floats(outputs, 'y')]).toEqual([-2, -2]);
  expect(floats(outputs, 'gelu')[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 5);
  await session.release();

  const { tensors, producers } = readModel(bytes);
  expect([...tensors.values()][0]).toMatchObject({ dims: [2, 2], type: 1 });
  expect(producers.get('y')).toMatchObject({ op: 'Identity' });
  expect([...producers.values()].map(({ op }) => op)).toContain('MatMul');
});
