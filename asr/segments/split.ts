/**
 * Where to cut a stretch of speech that has grown too long: at its widest pause within the given frames, or, where
 * nobody paused, in the quietest place.
 *
 * `speech[i]` and `energy[i]` describe frame i; `first` is included, `last` is not. A pause is a run of frames whose
 * probability of speech is under `leave`. Returns frame numbers: the first part ends at `end`, the second begins at
 * `start`; they are equal unless the pause is wider than two margins of `padFrames`.
 */
export function findSplit(
  frames: { readonly speech: readonly number[]; readonly energy: readonly number[] },
  range: { readonly first: number; readonly last: number },
  options: { readonly leave: number; readonly padFrames: number },
): { readonly end: number; readonly start: number } {
  const pause = widestPause(frames.speech, range, options.leave);
  if (pause === undefined) {
    const cut = quietestFrame(frames.energy, range);
    return { end: cut, start: cut };
  }
  const { from, to } = pause;
  if (to - from > 2 * options.padFrames) return { end: from + options.padFrames, start: to - options.padFrames };
  const middle = Math.floor((from + to) / 2);
  return { end: middle, start: middle };
}

function widestPause(
  speech: readonly number[],
  range: { readonly first: number; readonly last: number },
  leave: number,
): { readonly from: number; readonly to: number } | undefined {
  let best: { from: number; to: number } | undefined;
  let from = -1;
  for (let i = range.first; i <= range.last; i += 1) {
    const paused = i < range.last && (speech[i] ?? 1) < leave;
    if (paused && from < 0) from = i;
    if (!paused && from >= 0) {
      if (best === undefined || i - from >= best.to - best.from) best = { from, to: i };
      from = -1;
    }
  }
  return best;
}

/** Of the mean over three neighbours: a single quiet frame may be the closure of a stop within a word. */
function quietestFrame(energy: readonly number[], range: { readonly first: number; readonly last: number }): number {
  let best = range.first + 1;
  let bestEnergy = Infinity;
  for (let i = range.first + 1; i < range.last - 1; i += 1) {
    const around = (energy[i - 1] ?? 0) + (energy[i] ?? 0) + (energy[i + 1] ?? 0);
    if (around < bestEnergy) {
      best = i;
      bestEnergy = around;
    }
  }
  return best;
}
