import { bytesField, fieldsOf, mapFields, numberField } from '../onnx-format/protobuf.ts';

/** Field numbers of onnx.proto. */
const modelGraph = 7;
const graphNode = 1;
const graphOutput = 12;
const nodeOutput = 2;
const nodeOpType = 4;
const nodeAttribute = 5;
const attributeGraph = 6;

/**
 * The shipped decoder with the cross-attention of `layers` as further outputs `cross_attn.<layer>` [batch, 8, tokens,
 * frames]: both branches of its `If`, the `If` itself and the graph are appended to.
 */
export function addAttentionOutputs(decoder: Buffer, layers: readonly number[]): Buffer {
  const branchOutputs = Buffer.concat(
    layers.map((layer) => floatOutput(`/model/decoder/layers.${layer}/encoder_attn/Softmax_output_0`)),
  );
  const outputNames = layers.map((layer) => `cross_attn.${layer}`);
  const changeNode = (node: Buffer): Buffer =>
    Buffer.concat([
      mapFields(node, ({ field, body }) =>
        field === nodeAttribute ? bytesField(field, changeBranch(body)) : undefined,
      ),
      ...outputNames.map((name) => bytesField(nodeOutput, name)),
    ]);
  const changeBranch = (attribute: Buffer): Buffer =>
    mapFields(attribute, ({ field, body }) =>
      field === attributeGraph ? bytesField(field, Buffer.concat([body, branchOutputs])) : undefined,
    );
  return mapFields(decoder, ({ field, body: graph }) => {
    if (field !== modelGraph) return undefined;
    const changed = mapFields(graph, ({ field: inner, body }) =>
      inner === graphNode && opType(body) === 'If' ? bytesField(inner, changeNode(body)) : undefined,
    );
    return bytesField(field, Buffer.concat([changed, ...outputNames.map(floatOutput)]));
  });
}

function opType(node: Buffer): string | undefined {
  for (const { field, body } of fieldsOf(node)) if (field === nodeOpType) return body.toString();
  return undefined;
}

/** GraphProto.output: a ValueInfoProto of a float tensor whose shape is left open. */
function floatOutput(name: string): Buffer {
  const float32 = numberField(1, 1);
  return bytesField(graphOutput, Buffer.concat([bytesField(1, name), bytesField(2, bytesField(1, float32))]));
}
