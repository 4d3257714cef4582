import { beginToken, endToken } from '../../text/tokens.ts';
import type { OnnxSession } from '../onnx.ts';
import type { Heard, Hearing } from './acoustic.ts';
import { BatchBuffers, type CrossCache } from './batch-buffers.ts';
import { rankCandidates } from './choice.ts';
import { runStep } from './decode-step.ts';
import { candidates, maxPositions } from './decoder-graph.ts';
import { loopCut } from './loops.ts';

export interface DecodeItem extends Omit<Hearing, 'pcm'> {
  readonly cross: CrossCache;
  /** A search gives no reading of fewer tokens. */
  readonly leastTokens?: number;
}

/** One utterance on its way through the decoder. */
interface Row {
  readonly item: DecodeItem;
  readonly index: number;
  tokens: number[];
  logProbs: number[];
  score: number;
  readonly attention: Float32Array[];
  endProbability: number;
  /** Tokens to be fed at the next step: one, or at first the begin token and the draft. */
  feed: readonly number[];
  past: number;
  done: boolean;
}

/**
 * Greedy decoding of a batch. A draft is fed whole at the first step; as far as each of its tokens is what the decoder
 * would have chosen it is kept, and decoding goes on from there.
 */
export async function decodeBatch(decoder: OnnxSession, items: readonly DecodeItem[]): Promise<Heard[]> {
  if (items.length === 0) return [];
  const rows = items.map((item, index): Row => {
    const draft = item.draft.slice(0, Math.min(item.maxTokens, maxPositions - 2));
    return {
      item,
      index,
      tokens: [],
      logProbs: [],
      score: 0,
      attention: [],
      endProbability: 0,
      feed: [beginToken, ...draft],
      past: 0,
      done: false,
    };
  });
  const heard: Heard[] = [];
  const buffers = new BatchBuffers(
    items.map((item) => item.cross),
    Math.max(...rows.map((row) => row.feed.length), 16),
  );
  const active = [...rows];
  while (active.length > 0) {
    await step(decoder, active, buffers);
    for (let slot = active.length - 1; slot >= 0; slot--) {
      const row = active[slot];
      if (row === undefined || !row.done) continue;
      heard[row.index] = finish(row);
      const last = active.pop();
      if (last !== undefined && last !== row) {
        active[slot] = last;
        buffers.move(active.length, slot);
      }
    }
  }
  return heard;
}

async function step(decoder: OnnxSession, active: readonly Row[], buffers: BatchBuffers): Promise<void> {
  const result = await runStep(decoder, active, buffers);
  active.forEach((row, slot) => {
    const fed = row.feed;
    for (let index = 0; index < fed.length; index++) {
      result.keep(slot, index, row.past);
      row.past++;
      const { best, attention } = result.choice(slot, index);
      const chosen = take(row, best, attention.subarray(0, row.item.cross.frames));
      if (row.done || chosen !== fed[index + 1]) break;
    }
  });
}

/** Adds the token that a step has chosen to a row, or ends the row. Returns the token. */
function take(row: Row, best: Float32Array, attention: Float32Array): number {
  row.attention.push(attention);
  const first = row.past === 1;
  if (first) row.endProbability = Math.exp(best[2 * candidates] ?? -Infinity);
  const mayEnd = !first || row.endProbability > row.item.endLimit;
  const [choice] = rankCandidates(best, mayEnd, row.tokens, row.item.phrases);
  row.score += choice?.score ?? 0;
  const token = choice?.token ?? endToken;
  if (choice === undefined || token === endToken || row.tokens.length >= row.item.maxTokens) {
    row.done = true;
    return endToken;
  }
  row.tokens.push(token);
  row.logProbs.push(choice.logProb);
  const cut = loopCut(row.tokens);
  if (cut !== undefined) {
    row.tokens = row.tokens.slice(0, cut);
    row.logProbs = row.logProbs.slice(0, cut);
    row.done = true;
  }
  row.feed = [token];
  return token;
}

function finish({ item, tokens, logProbs, score, attention, endProbability }: Row): Heard {
  const { frames } = item.cross;
  return { tokens, logProbs, score, endProbability, attention: attentionOf(attention, tokens.length, frames), frames };
}

/** A line of attention for each token and the end, one after another. */
export function attentionOf(lines: readonly Float32Array[], tokens: number, frames: number): Float32Array {
  const attention = new Float32Array((tokens + 1) * frames);
  for (let line = 0; line <= tokens; line++) attention.set(lines[line] ?? [], line * frames);
  return attention;
}
