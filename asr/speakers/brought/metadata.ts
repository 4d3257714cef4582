import { fieldsOf } from '../../engines/onnx-format/protobuf.ts';

const metadataField = 14;

/** What an ONNX file says of itself (`metadata_props`). Throws a RangeError where it is no such file, or a cut one. */
export function metadataOf(file: Buffer): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  for (const { field, body } of fieldsOf(file)) {
    if (field !== metadataField) continue;
    let key = '';
    let value = '';
    for (const part of fieldsOf(body)) {
      if (part.field === 1) key = part.body.toString();
      if (part.field === 2) value = part.body.toString();
    }
    metadata.set(key, value);
  }
  return metadata;
}
