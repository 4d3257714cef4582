import { readFile } from 'node:fs/promises';
import { beginToken, endToken } from '../../text/tokens.ts';
import { dimension, floatTensor, floats, int64Tensor, openOnnxSession, OnnxTensor, type OnnxFeeds } from '../onnx.ts';
import { type AcousticModel, type Heard, type Hearing, timingHeads } from './acoustic.ts';
import { addAttentionOutputs } from './attention-outputs.ts';
import { loopCut } from './loops.ts';
import type { ModelFiles } from './model-files.ts';
import { upsample8to16 } from './resample.ts';

const layers = 6;
const heads = 8;
const headSize = 36;
const vocabulary = 32768;

/** The graphs as they come in the package, one utterance at a time, the likeliest token each time. */
export async function openShippedModel(files: ModelFiles, threads: number): Promise<AcousticModel> {
  const encoder = await openOnnxSession(files.encoderPath, threads);
  const decoderBytes = addAttentionOutputs(
    await readFile(files.decoderPath),
    timingHeads.map(([layer]) => layer),
  );
  const decoder = await openOnnxSession(decoderBytes, threads);

  async function transcribe({ pcm, maxTokens, endLimit }: Hearing): Promise<Heard> {
    const samples = upsample8to16(pcm);
    const encoded = await encoder.run({ input_values: floatTensor(samples, [1, samples.length]) });
    const hidden = encoded['last_hidden_state'];
    if (hidden === undefined) throw new TypeError('the encoder has no output last_hidden_state');
    const frames = dimension(encoded, 'last_hidden_state', 1);
    const feeds: OnnxFeeds = { encoder_hidden_states: hidden, use_cache_branch: new OnnxTensor('bool', [false], [1]) };
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value']) {
        feeds[`past_key_values.${layer}.${part}`] = floatTensor(new Float32Array(0), [0, heads, 1, headSize]);
      }
    }
    let tokens: number[] = [];
    let logProbs: number[] = [];
    const rows: Float32Array[] = [];
    let endProbability = 0;
    for (let input = beginToken; ;) {
      feeds['input_ids'] = int64Tensor([input], [1, 1]);
      const outputs = await decoder.run(feeds);
      const logits = floats(outputs, 'logits').subarray(-vocabulary);
      rows.push(attentionRow(outputs, frames));
      const logTotal = logSumExp(logits);
      const first = tokens.length === 0 && rows.length === 1;
      if (first) endProbability = Math.exp((logits[endToken] ?? 0) - logTotal);
      const forbidEnd = first && endProbability <= endLimit;
      const token = argMax(logits, forbidEnd ? endToken : -1);
      if (token === endToken || tokens.length >= maxTokens) break;
      tokens.push(token);
      logProbs.push((logits[token] ?? 0) - logTotal);
      const cut = loopCut(tokens);
      if (cut !== undefined) {
        tokens = tokens.slice(0, cut);
        logProbs = logProbs.slice(0, cut);
        break;
      }
      input = token;
      for (let layer = 0; layer < layers; layer++) {
        for (const part of first
          ? ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value']
          : ['decoder.key', 'decoder.value']) {
          const present = outputs[`present.${layer}.${part}`];
          if (present !== undefined) feeds[`past_key_values.${layer}.${part}`] = present;
        }
      }
      feeds['use_cache_branch'] = new OnnxTensor('bool', [true], [1]);
    }
    const attention = new Float32Array((tokens.length + 1) * frames);
    for (let row = 0; row <= tokens.length; row++) attention.set(rows[row] ?? [], row * frames);
    const score = logProbs.reduce((sum, logProb) => sum + logProb, 0);
    return { tokens, logProbs, score, endProbability, attention, frames };
  }

  return {
    transcribe: async (items) => {
      const heard: Heard[][] = [];
      for (const item of items) heard.push([await transcribe(item)]);
      return heard;
    },
    close: async () => {
      await encoder.release();
      await decoder.release();
    },
  };
}

/** Mean of the timing heads for the last token of the step. */
function attentionRow(outputs: Readonly<Record<string, OnnxTensor>>, frames: number): Float32Array {
  const row = new Float32Array(frames);
  for (const [layer, head] of timingHeads) {
    const all = floats(outputs, `cross_attn.${layer}`);
    for (let frame = 0; frame < frames; frame++) row[frame] = (row[frame] ?? 0) + (all[head * frames + frame] ?? 0);
  }
  return row;
}

function logSumExp(values: Float32Array): number {
  let max = -Infinity;
  for (const value of values) if (value > max) max = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - max);
  return max + Math.log(sum);
}

function argMax(values: Float32Array, skip: number): number {
  let best = skip === 0 ? 1 : 0;
  for (let index = 0; index < values.length; index++) {
    if (index !== skip && (values[index] ?? -Infinity) > (values[best] ?? -Infinity)) best = index;
  }
  return best;
}
