import { beginToken, endToken } from '../../text/tokens.ts';
import type { OnnxSession } from '../onnx.ts';
import type { Heard } from './acoustic.ts';
import { BatchBuffers } from './batch-buffers.ts';
import { rankCandidates } from './choice.ts';
import { attentionOf, type DecodeItem } from './decode.ts';
import { runStep, type StepResult } from './decode-step.ts';
import { candidates, maxPositions } from './decoder-graph.ts';
import { loopCut } from './loops.ts';

/** Readings of an utterance that are followed at a time. */
export const beamWidth = 8;
/** A reading so many nats behind the best one that has ended does not catch up. */
const hopeless = 6;

/** A reading that has not ended. */
interface Beam {
  readonly tokens: readonly number[];
  readonly logProbs: readonly number[];
  readonly attention: readonly Float32Array[];
  readonly score: number;
  /** The row of its search in which its past stands. */
  readonly row: number;
}

interface Extension {
  readonly parent: Beam;
  readonly token: number;
  readonly logProb: number;
  readonly score: number;
  readonly attention: Float32Array;
}

/** The readings of one utterance; all of them are equally long. */
interface Search {
  readonly item: DecodeItem;
  readonly index: number;
  beams: Beam[];
  ended: Heard[];
  endProbability: number;
  past: number;
}

/** The likeliest readings of each utterance, best first; none where the end has to come first. */
export async function decodeBeams(decoder: OnnxSession, items: readonly DecodeItem[]): Promise<Heard[][]> {
  const results: Heard[][] = items.map(() => []);
  if (items.length === 0) return results;
  const buffers = new BatchBuffers(
    items.map((item) => item.cross),
    16,
    beamWidth,
  );
  const active = items.map((item, index): Search => {
    const first: Beam = { tokens: [], logProbs: [], attention: [], score: 0, row: 0 };
    return { item, index, beams: [first], ended: [], endProbability: 0, past: 0 };
  });
  while (active.length > 0) {
    const result = await runStep(decoder, active.flatMap(feedsOf), buffers);
    for (let slot = active.length - 1; slot >= 0; slot--) {
      const search = active[slot];
      if (search === undefined) continue;
      advance(search, result, slot * beamWidth, buffers);
      if (!isOver(search)) continue;
      results[search.index] = search.ended;
      const last = active.pop();
      if (last !== undefined && last !== search) {
        active[slot] = last;
        buffers.move(active.length, slot);
      }
    }
  }
  return results;
}

/** Rows without a reading are fed too, so that every search has as many. */
function feedsOf({ beams, past }: Search): { feed: number[]; past: number }[] {
  const feeds = Array.from({ length: beamWidth }, () => ({ feed: [endToken], past }));
  for (const { row, tokens } of beams) feeds[row] = { feed: [tokens.at(-1) ?? beginToken], past };
  return feeds;
}

/** `offset`: the first of the search's rows in the buffers. */
function advance(search: Search, result: StepResult, offset: number, buffers: BatchBuffers): void {
  const { item, beams, past } = search;
  const extensions: Extension[] = [];
  for (const beam of beams) {
    result.keep(offset + beam.row, 0, past);
    const { best, attention: all } = result.choice(offset + beam.row, 0);
    const attention = all.subarray(0, item.cross.frames);
    if (past === 0) search.endProbability = Math.exp(best[2 * candidates] ?? -Infinity);
    const mayEnd = past > 0 || search.endProbability > item.endLimit;
    for (const { token, logProb, score } of rankCandidates(best, mayEnd, beam.tokens, item.phrases)) {
      const extension = { parent: beam, token, logProb, score: beam.score + score, attention };
      if (token !== endToken) extensions.push(extension);
      else if (past >= (item.leastTokens ?? 0)) end(search, beam, extension.score, attention);
    }
  }
  search.past++;
  extensions.sort((a, b) => b.score - a.score);
  search.beams = settle(extensions.slice(0, beamWidth), offset, buffers);
  search.ended.sort((a, b) => b.score - a.score).splice(beamWidth);
  drop(search);
}

function end({ item, ended, endProbability }: Search, beam: Beam, score: number, last?: Float32Array): void {
  const { frames } = item.cross;
  const lines = last === undefined ? beam.attention : [...beam.attention, last];
  const { tokens, logProbs } = beam;
  ended.push({ tokens, logProbs, score, endProbability, attention: attentionOf(lines, tokens.length, frames), frames });
}

/** The first reading that goes on from another keeps its row; further ones take a copy of it into a row that is free. */
function settle(extensions: readonly Extension[], offset: number, buffers: BatchBuffers): Beam[] {
  const kept = new Set(extensions.map(({ parent }) => parent.row));
  const free = Array.from({ length: beamWidth }, (_, row) => row).filter((row) => !kept.has(row));
  return extensions.map(({ parent, token, logProb, score, attention }) => {
    let { row } = parent;
    if (!kept.delete(row)) {
      row = free.pop() ?? 0;
      buffers.copyPast(offset + parent.row, offset + row);
    }
    return {
      tokens: [...parent.tokens, token],
      logProbs: [...parent.logProbs, logProb],
      attention: [...parent.attention, attention],
      score,
      row,
    };
  });
}

/** Readings that loop, or can no longer be among the best, are given up; those that are too long end here. */
function drop(search: Search): void {
  const { item, ended, past } = search;
  const worst = ended.length < beamWidth ? -Infinity : (ended.at(-1)?.score ?? -Infinity);
  search.beams = search.beams.filter((beam) => {
    if (beam.score < worst || loopCut(beam.tokens) !== undefined) return false;
    if (beam.tokens.length < item.maxTokens && past < maxPositions - 1) return true;
    end(search, beam, beam.score);
    return false;
  });
}

function isOver({ beams, ended }: Search): boolean {
  const live = Math.max(-Infinity, ...beams.map(({ score }) => score));
  return beams.length === 0 || live <= (ended[0]?.score ?? -Infinity) - hopeless;
}
