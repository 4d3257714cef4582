/** A stretch of one speaker, in seconds. */
export interface LabelledTurn {
  readonly startS: number;
  readonly endS: number;
  readonly speaker: string;
}

/** Seconds of speaker time; overlapping speakers count each. */
export interface DerSeconds {
  readonly speech: number;
  readonly missed: number;
  readonly falseAlarm: number;
  readonly confused: number;
}

const frameS = 0.01;

/**
 * Diarization errors as NIST's md-eval counts them, in frames of 10 ms: the names are matched one to one so that most
 * time is right; where speakers overlap each counts; `collarS` on either side of each edge of the reference is not
 * judged.
 */
export function scoreDiarization(
  reference: readonly LabelledTurn[],
  found: readonly LabelledTurn[],
  durationS: number,
  collarS: number,
): DerSeconds {
  const frames = Math.ceil(durationS / frameS);
  const judged = judgedFrames(reference, frames, collarS);
  const said = activity(reference, frames);
  const heard = activity(found, frames);
  const names = match(said, heard, judged);
  let [speech, missed, falseAlarm, confused] = [0, 0, 0, 0];
  for (let frame = 0; frame < frames; frame++) {
    if (judged[frame] === 0) continue;
    let [there, claimed, right] = [0, 0, 0];
    said.forEach((row) => (there += row[frame] ?? 0));
    heard.forEach((row, index) => {
      claimed += row[frame] ?? 0;
      const own = names[index];
      right += (row[frame] ?? 0) * (own === undefined ? 0 : (said[own]?.[frame] ?? 0));
    });
    speech += there;
    missed += Math.max(0, there - claimed);
    falseAlarm += Math.max(0, claimed - there);
    confused += Math.min(there, claimed) - right;
  }
  return {
    speech: speech * frameS,
    missed: missed * frameS,
    falseAlarm: falseAlarm * frameS,
    confused: confused * frameS,
  };
}

function judgedFrames(reference: readonly LabelledTurn[], frames: number, collarS: number): Uint8Array {
  const judged = new Uint8Array(frames).fill(1);
  for (const { startS, endS } of reference) {
    for (const edge of [startS, endS]) {
      judged.fill(0, Math.max(0, Math.round((edge - collarS) / frameS)), Math.round((edge + collarS) / frameS));
    }
  }
  return judged;
}

function activity(turns: readonly LabelledTurn[], frames: number): Uint8Array[] {
  const rows = new Map<string, Uint8Array>();
  for (const { speaker, startS, endS } of turns) {
    const row = rows.get(speaker) ?? new Uint8Array(frames);
    rows.set(speaker, row.fill(1, Math.round(startS / frameS), Math.round(endS / frameS)));
  }
  return [...rows.values()];
}

/** For each found speaker the row of the reference that is its own; undefined for one too many. */
function match(
  said: readonly Uint8Array[],
  heard: readonly Uint8Array[],
  judged: Uint8Array,
): readonly (number | undefined)[] {
  const shared = heard.map((row) => said.map((other) => sharedFrames(row, other, judged)));
  const tried = new Map<string, { readonly frames: number; readonly names: readonly (number | undefined)[] }>();
  const best = (index: number, taken: number): { frames: number; names: readonly (number | undefined)[] } => {
    if (index === heard.length) return { frames: 0, names: [] };
    const key = `${index} ${taken}`;
    const known = tried.get(key);
    if (known !== undefined) return known;
    const without = best(index + 1, taken);
    let found = { frames: without.frames, names: [undefined, ...without.names] as readonly (number | undefined)[] };
    said.forEach((_, own) => {
      if ((taken & (1 << own)) !== 0) return;
      const rest = best(index + 1, taken | (1 << own));
      const frames = rest.frames + (shared[index]?.[own] ?? 0);
      if (frames > found.frames) found = { frames, names: [own, ...rest.names] };
    });
    tried.set(key, found);
    return found;
  };
  return best(0, 0).names;
}

function sharedFrames(a: Uint8Array, b: Uint8Array, judged: Uint8Array): number {
  let frames = 0;
  for (let i = 0; i < a.length; i++) frames += (a[i] ?? 0) & (b[i] ?? 0) & (judged[i] ?? 0);
  return frames;
}
