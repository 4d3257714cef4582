/**
 * Dynamic time warping of tokens onto frames: the monotonic path from the first frame of the first row to the last frame
 * of the last row that gathers the most attention (steps: next frame, next row, both).
 * `attention` is rows x frames. Returns for each row the first frame it holds.
 */
export function firstFrames(attention: Float32Array, rows: number, frames: number): Int32Array {
  const stride = frames + 1;
  const from = new Uint8Array((rows + 1) * stride);
  // Costs up to the row before and up to this one, of which the first frame is before the beginning.
  let before = new Float64Array(stride).fill(Infinity);
  let here = new Float64Array(stride).fill(Infinity);
  before[0] = 0;
  for (let row = 1; row <= rows; row++) {
    for (let frame = 1; frame <= frames; frame++) {
      const both = before[frame - 1] ?? Infinity;
      const nextRow = before[frame] ?? Infinity;
      const nextFrame = here[frame - 1] ?? Infinity;
      let best = both;
      if (nextRow < best) {
        best = nextRow;
        from[row * stride + frame] = 1;
      }
      if (nextFrame < best) {
        best = nextFrame;
        from[row * stride + frame] = 2;
      }
      here[frame] = best - (attention[(row - 1) * frames + frame - 1] ?? 0);
    }
    [before, here] = [here, before];
    here[0] = Infinity;
  }
  const first = new Int32Array(rows);
  let row = rows;
  let frame = frames;
  while (row > 0 && frame > 0) {
    first[row - 1] = frame - 1;
    const step = from[row * stride + frame];
    if (step !== 2) row--;
    if (step !== 1) frame--;
  }
  return first;
}
