import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SidetoneError } from '#lib/errors.ts';

export interface ModelFacts {
  readonly inputs: readonly string[];
  /** What the exporter wrote: `model_type` and the like. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * What an ONNX file of any size says of itself, and that it is whole as far as its lengths tell. Native runtimes end the
 * process at a broken file; after this they seldom meet one.
 * @throws SidetoneError `model-missing`, `model-broken` (both name the file)
 */
export function readModelFacts(path: string): ModelFacts {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new SidetoneError('model-missing', `no model file at ${path}`, { cause });
  }
  try {
    return factsOf(new FileWindow(file));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new SidetoneError('model-broken', `${path} is not a whole ONNX file: ${cause.message}`, { cause });
  } finally {
    closeSync(file);
  }
}

/** ModelProto: 7 the graph, 14 the metadata. GraphProto: 11 the inputs. */
function factsOf(window: FileWindow): ModelFacts {
  const inputs: string[] = [];
  const metadata: Record<string, string> = {};
  let graphs = 0;
  for (const field of fieldsIn(window, 0, window.size)) {
    if (field.number === 7 && field.end > field.start) {
      graphs += 1;
      for (const part of fieldsIn(window, field.start, field.end)) {
        if (part.number === 11) inputs.push(textIn(window, part, 1));
      }
    } else if (field.number === 14) {
      metadata[textIn(window, field, 1)] = textIn(window, field, 2);
    }
  }
  if (graphs !== 1) throw new RangeError('it holds no graph');
  return { inputs, metadata };
}

interface FieldSpan {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

function* fieldsIn(window: FileWindow, start: number, end: number): Generator<FieldSpan> {
  let at = start;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (at >= end || scale > 2 ** 63) throw new RangeError('it is cut short');
      const byte = window.byte(at);
      at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < end) {
    const tag = varint();
    const wireType = tag & 7;
    const number = Math.floor(tag / 8);
    if (number === 0) throw new RangeError('it is something else');
    if (wireType === 0) varint();
    const length = wireType === 2 ? varint() : wireType === 1 ? 8 : wireType === 5 ? 4 : 0;
    if (![0, 1, 2, 5].includes(wireType)) throw new RangeError('it is something else');
    if (at + length > end) throw new RangeError('it is cut short');
    yield { number, start: at, end: at + length };
    at += length;
  }
}

function textIn(window: FileWindow, span: FieldSpan, wanted: number): string {
  for (const { number, start, end } of fieldsIn(window, span.start, span.end)) {
    if (number === wanted) return window.text(start, end);
  }
  return '';
}

const windowBytes = 65_536;

/** Bytes of a file that is too large to be read whole. */
class FileWindow {
  readonly size: number;
  readonly #file: number;
  readonly #bytes = Buffer.alloc(windowBytes);
  #start = 0;
  #length = 0;

  constructor(file: number) {
    this.#file = file;
    this.size = fstatSync(file).size;
  }

  byte(at: number): number {
    if (at < this.#start || at >= this.#start + this.#length) {
      this.#length = readSync(this.#file, this.#bytes, 0, windowBytes, at);
      this.#start = at;
      if (this.#length === 0) throw new RangeError('it is cut short');
    }
    return this.#bytes[at - this.#start] ?? 0;
  }

  text(start: number, end: number): string {
    const bytes = Buffer.alloc(Math.min(end - start, windowBytes));
    readSync(this.#file, bytes, 0, bytes.length, start);
    return bytes.toString();
  }
}
