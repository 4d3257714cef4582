import type { HeardToken } from './recogniser.ts';
import { soundOf, type Unit } from './units.ts';

/** What stands for the same stretch of sound in the first pass and in the digit recogniser's; either may have nothing. */
export interface Pair {
  readonly unit: Unit | undefined;
  readonly heard: HeardToken | undefined;
}

const missing = 0.8;
/** So far apart in time that they cannot be the same word. */
const farSamples = 6400;

/** The cheapest pairing in order: equal names and near times pair up. */
export function pairUp(units: readonly Unit[], heard: readonly HeardToken[]): Pair[] {
  const stride = heard.length + 1;
  const cost = new Float64Array((units.length + 1) * stride);
  const pairCost = (row: number, column: number): number => {
    const unit = units[row - 1];
    const token = heard[column - 1];
    return unit === undefined || token === undefined ? Infinity : difference(unit, token);
  };
  for (let row = 0; row <= units.length; row++) {
    for (let column = 0; column <= heard.length; column++) {
      if (row === 0 && column === 0) continue;
      const at = row * stride + column;
      cost[at] = Math.min(
        row > 0 && column > 0 ? (cost[at - stride - 1] ?? 0) + pairCost(row, column) : Infinity,
        row > 0 ? (cost[at - stride] ?? 0) + missing : Infinity,
        column > 0 ? (cost[at - 1] ?? 0) + missing : Infinity,
      );
    }
  }
  const pairs: Pair[] = [];
  for (let row = units.length, column = heard.length; row > 0 || column > 0;) {
    const at = row * stride + column;
    const here = cost[at] ?? 0;
    const both = row > 0 && column > 0 && here === (cost[at - stride - 1] ?? 0) + pairCost(row, column);
    const unitOnly = !both && row > 0 && here === (cost[at - stride] ?? 0) + missing;
    pairs.push({
      unit: both || unitOnly ? units[row - 1] : undefined,
      heard: both || !unitOnly ? heard[column - 1] : undefined,
    });
    if (both || unitOnly) row--;
    if (both || !unitOnly) column--;
  }
  return pairs.toReversed();
}

function difference(unit: Unit, { token, sample }: HeardToken): number {
  const outside = Math.max(0, unit.startSample - sample, sample - unit.endSample);
  const distance = Math.min(1, outside / farSamples);
  if (token === unit.name) return distance;
  if (token === soundOf(unit.name) || token === null) return 0.3 + distance;
  return 1 + distance * 0.5;
}
