/** A pause this wide lies between words; a shorter one may be the closure of a stop within a word. */
const surePauseFrames = 4;

/**
 * Where to cut a stretch of speech that has grown too long: at its widest pause within the given frames; where nobody
 * paused, in the quietest of the `gaps` between words that the recogniser has heard already (frame numbers); where it
 * has heard none, in the quietest place.
 *
 * `speech[i]` and `energy[i]` describe frame i; `first` is included, `last` is not. A pause is a run of frames whose
 * probability of speech is under `leave`. Returns frame numbers: the first part ends at `end`, the second begins at
 * `start`; they are equal unless the pause is wider than two margins of `padFrames`.
 */
export function findSplit(
  frames: { readonly speech: readonly number[]; readonly energy: readonly number[] },
  range: { readonly first: number; readonly last: number },
  options: { readonly leave: number; readonly padFrames: number; readonly gaps?: readonly number[] },
): { readonly end: number; readonly start: number } {
  const pause = widestPause(frames.speech, range, options.leave);
  if (pause === undefined || pause.to - pause.from < surePauseFrames) {
    const cut = quietestGap(frames.energy, range, options.gaps ?? []) ?? (pause && middleOf(pause));
    const at = cut ?? quietestFrame(frames.energy, range);
    return { end: at, start: at };
  }
  const { from, to } = pause;
  if (to - from > 2 * options.padFrames) return { end: from + options.padFrames, start: to - options.padFrames };
  const middle = middleOf(pause);
  return { end: middle, start: middle };
}

function middleOf({ from, to }: { readonly from: number; readonly to: number }): number {
  return Math.floor((from + to) / 2);
}

function quietestGap(
  energy: readonly number[],
  range: { readonly first: number; readonly last: number },
  gaps: readonly number[],
): number | undefined {
  const loudness = (frame: number): number => around(energy, frame);
  const inside = gaps.filter((gap) => gap > range.first && gap < range.last - 1);
  return inside.toSorted((a, b) => loudness(a) - loudness(b))[0];
}

/** Of a frame and its neighbours: a single quiet frame may be the closure of a stop within a word. */
function around(energy: readonly number[], frame: number): number {
  return (energy[frame - 1] ?? 0) + (energy[frame] ?? 0) + (energy[frame + 1] ?? 0);
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

function quietestFrame(energy: readonly number[], range: { readonly first: number; readonly last: number }): number {
  let best = range.first + 1;
  let bestEnergy = Infinity;
  for (let i = range.first + 1; i < range.last - 1; i += 1) {
    const loudness = around(energy, i);
    if (loudness < bestEnergy) {
      best = i;
      bestEnergy = loudness;
    }
  }
  return best;
}
