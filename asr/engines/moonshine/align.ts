/**
 * Dynamic time warping of tokens onto frames: the monotonic path from the first frame of the first row to the last frame
 * of the last row that gathers the most attention (steps: next frame, next row, both).
 * `attention` is rows x frames. Returns for each row the first frame it holds.
 */
export function firstFrames(attention: Float32Array, rows: number, frames: number): Int32Array {
  const cost = new Float64Array((rows + 1) * (frames + 1)).fill(Infinity);
  const from = new Uint8Array((rows + 1) * (frames + 1));
  const stride = frames + 1;
  cost[0] = 0;
  for (let row = 1; row <= rows; row++) {
    for (let frame = 1; frame <= frames; frame++) {
      const at = row * stride + frame;
      const both = cost[at - stride - 1] ?? Infinity;
      const nextRow = cost[at - stride] ?? Infinity;
      const nextFrame = cost[at - 1] ?? Infinity;
      let best = both;
      if (nextRow < best) {
        best = nextRow;
        from[at] = 1;
      }
      if (nextFrame < best) {
        best = nextFrame;
        from[at] = 2;
      }
      cost[at] = best - (attention[(row - 1) * frames + frame - 1] ?? 0);
    }
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
