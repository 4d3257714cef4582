import type { BitReader } from './bits.ts';

/** Predictors of the fixed kind (RFC 9639 section 9.2.5), by order. */
const fixedCoefficients: readonly (readonly number[])[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];
const escapes = [15, 31] as const;
const mostOrder = 32;
const coefficients = new Float64Array(mostOrder);

/**
 * Reads one channel of a frame into `out[0..samples)` (RFC 9639 section 9.2). Numbers are kept as doubles: a prediction
 * of 24-bit samples needs more than 32 bits. Returns false for what the format does not allow.
 */
export function readSubframe(reader: BitReader, sampleBits: number, out: Float64Array, samples: number): boolean {
  if (reader.unsigned(1) !== 0) return false;
  const type = reader.unsigned(6);
  const wasted = reader.unsigned(1) === 0 ? 0 : reader.unary() + 1;
  const bits = sampleBits - wasted;
  if (bits < 1 || !readBody(reader, type, bits, out, samples)) return false;
  if (wasted > 0) for (let i = 0; i < samples; i++) out[i] = (out[i] as number) * 2 ** wasted;
  return true;
}

function readBody(reader: BitReader, type: number, bits: number, out: Float64Array, samples: number): boolean {
  if (type === 0) {
    out.fill(reader.signed(bits), 0, samples);
    return true;
  }
  if (type === 1) {
    for (let i = 0; i < samples; i++) out[i] = reader.signed(bits);
    return true;
  }
  if (type >= 8 && type <= 12) return readPredicted(reader, bits, out, samples, fixedCoefficients[type - 8] ?? []);
  return type >= 32 && readPredicted(reader, bits, out, samples, type - 31);
}

/** `predictor`: fixed coefficients, or the order of those that the frame brings. */
function readPredicted(
  reader: BitReader,
  bits: number,
  out: Float64Array,
  samples: number,
  predictor: readonly number[] | number,
): boolean {
  const fixed = typeof predictor !== 'number';
  const order = fixed ? predictor.length : predictor;
  if (order > samples) return false;
  for (let i = 0; i < order; i++) out[i] = reader.signed(bits);
  let scale = 1;
  if (fixed) predictor.forEach((coefficient, i) => (coefficients[i] = coefficient));
  else {
    const precision = reader.unsigned(4) + 1;
    const shift = reader.signed(5);
    if (precision === 16 || shift < 0) return false;
    scale = 2 ** -shift;
    for (let i = 0; i < order; i++) coefficients[i] = reader.signed(precision);
  }
  if (!readResidual(reader, out, order, samples)) return false;
  for (let i = order; i < samples; i++) {
    let sum = 0;
    for (let k = 0; k < order; k++) sum += (coefficients[k] as number) * (out[i - 1 - k] as number);
    out[i] = (out[i] as number) + Math.floor(sum * scale);
  }
  return true;
}

/** Rice codes in partitions, each with a parameter of its own (section 9.2.7). */
function readResidual(reader: BitReader, out: Float64Array, order: number, samples: number): boolean {
  const method = reader.unsigned(2);
  if (method > 1) return false;
  const parameterBits = method === 0 ? 4 : 5;
  const partitions = 1 << reader.unsigned(4);
  const length = samples / partitions;
  if (!Number.isInteger(length) || length < order) return false;
  let i = order;
  for (let partition = 1; partition <= partitions; partition++) {
    const parameter = reader.unsigned(parameterBits);
    const end = partition * length;
    if (parameter === escapes[method]) {
      const bits = reader.unsigned(5);
      for (; i < end; i++) out[i] = bits === 0 ? 0 : reader.signed(bits);
    } else {
      for (; i < end; i++) {
        const code = reader.unary() * 2 ** parameter + reader.unsigned(parameter);
        out[i] = code % 2 === 0 ? code / 2 : -(code + 1) / 2;
      }
    }
    if (reader.overrun) return false;
  }
  return true;
}
