import { basename } from 'node:path';
import { upsample8to16 } from '../engines/moonshine/resample.ts';
import { floatTensor, floats, openOnnxSession } from '../engines/onnx.ts';
import { Fft } from '../sound/fft.ts';
import { unit, type SpeakerModel } from '../speakers/types.ts';

/**
 * A model of another maker to compare ours with: the ONNX export of google/speaker-id's SpeakerRecognitionFromScratch,
 * which hears 40 cepstral coefficients as librosa has them by default (16 kHz, 2048 points every 512, 128 bands).
 * It was trained on LibriSpeech, of whose speakers it may know those that it is judged by.
 */
export async function openReferenceModel(path: string): Promise<SpeakerModel> {
  const session = await openOnnxSession(path);
  const embed = async (pcm: Int16Array): Promise<Float32Array> => {
    const { data, frames } = cepstra(upsample8to16(pcm));
    return unit(
      floats(
        await session.run({ [referenceInput]: floatTensor(data, [1, frames, coefficients]) }),
        'embedding',
      ).slice(),
    );
  };
  const dimensions = (await embed(new Int16Array(8000))).length;
  return {
    id: basename(path, '.onnx'),
    dimensions,
    // Near where its errors are equal on the readers that it is compared on: in its favour.
    sameVoice: 0.8,
    embed: async (stretches) => {
      const vectors: Float32Array[] = [];
      for (const pcm of stretches) vectors.push(await embed(repeated(pcm)));
      return vectors;
    },
    close: () => session.release(),
  };
}

/** What the input of such a model is called. */
export const referenceInput = 'mfcc';
const coefficients = 40;
const bands = 128;
const points = 2048;
const hop = 512;
const leastSamples = 8000;

const fft = new Fft(points);
const hann = Float64Array.from({ length: points }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / points));
const filters = slaneyFilters();

function repeated(pcm: Int16Array): Int16Array {
  return pcm.length >= leastSamples
    ? pcm
    : Int16Array.from({ length: leastSamples }, (_, i) => pcm[i % pcm.length] ?? 0);
}

/** [frames][40], the first frame centred on the first sample. */
function cepstra(sound: Float32Array): { data: Float32Array; frames: number } {
  const frames = Math.floor(sound.length / hop) + 1;
  const decibels = new Float64Array(frames * bands);
  const real = new Float64Array(points);
  const imaginary = new Float64Array(points);
  let loudest = -Infinity;
  for (let frame = 0; frame < frames; frame++) {
    imaginary.fill(0);
    for (let i = 0; i < points; i++) real[i] = (sound[frame * hop + i - points / 2] ?? 0) * (hann[i] ?? 0);
    fft.transform(real, imaginary);
    for (let band = 0; band < bands; band++) {
      let energy = 0;
      for (const [bin, weight] of filters[band] ?? []) {
        energy += weight * ((real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2);
      }
      const value = 10 * Math.log10(Math.max(1e-10, energy));
      decibels[frame * bands + band] = value;
      loudest = Math.max(loudest, value);
    }
  }
  const data = new Float32Array(frames * coefficients);
  for (let frame = 0; frame < frames; frame++) {
    for (let k = 0; k < coefficients; k++) {
      let sum = 0;
      for (let band = 0; band < bands; band++) {
        const value = Math.max(loudest - 80, decibels[frame * bands + band] ?? 0);
        sum += value * Math.cos((Math.PI * k * (2 * band + 1)) / (2 * bands));
      }
      data[frame * coefficients + k] = sum * Math.sqrt((k === 0 ? 1 : 2) / bands);
    }
  }
  return { data, frames };
}

/** Slaney's scale: straight up to 1 kHz, logarithmic above; triangles of equal area. For each band, [bin, weight]. */
function slaneyFilters(): [number, number][][] {
  const step = Math.log(6.4) / 27;
  const toMel = (hz: number): number => (hz < 1000 ? (3 * hz) / 200 : 15 + Math.log(hz / 1000) / step);
  const toHz = (mel: number): number => (mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp(step * (mel - 15)));
  const edges = Array.from({ length: bands + 2 }, (_, i) => toHz((toMel(8000) * i) / (bands + 1)));
  return Array.from({ length: bands }, (_, band) => {
    const [low = 0, middle = 0, high = 0] = edges.slice(band, band + 3);
    const weights: [number, number][] = [];
    for (let bin = 0; bin <= points / 2; bin++) {
      const hz = (bin * 16_000) / points;
      const weight = Math.min((hz - low) / (middle - low), (high - hz) / (high - middle));
      if (weight > 0) weights.push([bin, (weight * 2) / (high - low)]);
    }
    return weights;
  });
}
