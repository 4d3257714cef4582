import { beginToken, endToken } from '../../text/tokens.ts';
import type { OnnxSession } from '../onnx.ts';
import type { Heard, Hearing } from './acoustic.ts';
import { BatchBuffers, type CrossCache } from './batch-buffers.ts';
import { rankCandidates } from './choice.ts';
import { runStep } from './decode-step.ts';
import { candidates, maxPositions } from './decoder-graph.ts';
import { Draft } from './draft.ts';
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
  /** Tokens to be fed at the next step: the last one (at first the begin token), and what of the draft may follow. */
  feed: readonly number[];
  readonly draft: Draft;
  past: number;
  done: boolean;
}

/**
 * Greedy decoding of a batch. A draft is fed whole at the first step; as far as each of its tokens is what the decoder
 * would have chosen it is kept, and decoding goes on from there (draft.ts). Several tokens at a time are fed to a row by
 * itself, one at a time to all rows together: nothing is filled up to the widest feed, and what a draft has ended is never
 * copied into a batch.
 */
export async function decodeBatch(decoder: OnnxSession, items: readonly DecodeItem[]): Promise<Heard[]> {
  const heard: Heard[] = [];
  const waiting: Waiting[] = [];
  for (const [index, item] of items.entries()) {
    const row = rowOf(item, index);
    if (row.feed.length === 1) {
      waiting.push({ row, alone: undefined });
      continue;
    }
    const alone = new BatchBuffers([item.cross], Math.max(row.feed.length, leastCapacity));
    while (row.feed.length > 1 && !row.done) await step(decoder, [row], alone, 0);
    if (row.done) heard[index] = finish(row);
    else waiting.push({ row, alone });
  }
  if (waiting.length === 0) return heard;
  const buffers = gather(waiting);
  const active = waiting.map(({ row }) => row);
  while (active.length > 0) {
    await step(decoder, active, buffers, 0);
    for (let slot = active.length - 1; slot >= 0; slot--) {
      const row = active[slot];
      if (row === undefined) continue;
      while (row.feed.length > 1 && !row.done) await step(decoder, [row], buffers, slot);
      if (!row.done) continue;
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

/** Positions that a past has room for at first. */
const leastCapacity = 16;

/** A row that goes on token by token, and the buffers in which it went through its draft. */
interface Waiting {
  readonly row: Row;
  readonly alone: BatchBuffers | undefined;
}

function rowOf(item: DecodeItem, index: number): Row {
  const draft = new Draft(item.draft.slice(0, Math.min(item.maxTokens, maxPositions - 2)));
  const start = { tokens: [], logProbs: [], score: 0, attention: [], endProbability: 0, past: 0, done: false };
  return { item, index, ...start, draft, feed: [beginToken, ...draft.rest()] };
}

function gather(waiting: readonly Waiting[]): BatchBuffers {
  const [only] = waiting;
  if (waiting.length === 1 && only?.alone !== undefined) return only.alone;
  const capacity = Math.max(leastCapacity, ...waiting.map(({ row }) => row.past + 1));
  const crosses = waiting.map(({ row }) => row.item.cross);
  const buffers = new BatchBuffers(crosses, capacity);
  waiting.forEach(({ row, alone }, slot) => {
    if (alone !== undefined) buffers.takePast(alone, slot, row.past);
  });
  return buffers;
}

/** Feeds rows of which the first is row `firstRow` of the buffers. */
async function step(
  decoder: OnnxSession,
  rows: readonly Row[],
  buffers: BatchBuffers,
  firstRow: number,
): Promise<void> {
  const result = await runStep(decoder, rows, buffers, firstRow);
  rows.forEach((row, slot) => {
    const fed = row.feed;
    for (let index = 0; index < fed.length; index++) {
      result.keep(slot, index, row.past);
      row.past++;
      const { best, attention } = result.choice(slot, index);
      const chosen = take(row, best, attention.subarray(0, row.item.cross.frames));
      if (row.done) break;
      row.draft.follow(chosen);
      if (chosen !== fed[index + 1]) break;
    }
    if (!row.done) row.feed = [row.tokens.at(-1) ?? beginToken, ...row.draft.rest(room(row))];
  });
}

/** Tokens that may be fed after the next one. */
function room({ item, tokens, past }: Row): number {
  return Math.max(0, Math.min(item.maxTokens - tokens.length, maxPositions - 2 - past));
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
