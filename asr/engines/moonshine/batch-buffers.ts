import { tiny } from './layers.ts';

/** Keys and values of the encoder for one utterance, by layer: [8, 36, frames] and [8, frames, 36]. */
export interface CrossCache {
  readonly frames: number;
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

/** Far below any score, yet finite, so that a softmax over nothing else would still be a number. */
const masked = -1e9;

/**
 * What the rows of a batch attend to, owned here and fed to the session as it lies: the encoder's keys and values padded
 * to the longest row, and the decoder's own past. Rows 0 to `rows - 1` are in use.
 */
export class BatchBuffers {
  readonly frames: number;
  /** Positions that a row's past can hold. */
  capacity: number;
  readonly crossKeys: readonly Float32Array[];
  readonly crossValues: readonly Float32Array[];
  readonly mask: Float32Array;
  pastKeys: readonly Float32Array[];
  pastValues: readonly Float32Array[];

  /** Rows of the past that share one row of what is attended to. */
  readonly rowsEach: number;

  constructor(rows: readonly CrossCache[], capacity: number, rowsEach = 1) {
    this.rowsEach = rowsEach;
    this.frames = Math.max(...rows.map((row) => row.frames));
    this.capacity = capacity;
    const perLayer = (length: number): Float32Array[] =>
      Array.from({ length: tiny.layers }, () => new Float32Array(rows.length * length));
    this.pastKeys = perLayer(rowsEach * capacity * tiny.paddedWidth);
    this.pastValues = perLayer(rowsEach * capacity * tiny.paddedWidth);
    this.mask = new Float32Array(rows.length * this.frames);
    const [only] = rows;
    if (rows.length === 1 && only !== undefined) {
      this.crossKeys = only.keys;
      this.crossValues = only.values;
      return;
    }
    this.crossKeys = perLayer(this.frames * tiny.width);
    this.crossValues = perLayer(this.frames * tiny.width);
    rows.forEach((row, index) => this.#place(row, index));
  }

  #place({ frames, keys, values }: CrossCache, row: number): void {
    const start = row * this.frames * tiny.width;
    for (let layer = 0; layer < tiny.layers; layer++) {
      const [fromKeys, fromValues] = [keys[layer], values[layer]];
      const [toKeys, toValues] = [this.crossKeys[layer], this.crossValues[layer]];
      if (fromKeys === undefined || fromValues === undefined || toKeys === undefined || toValues === undefined) return;
      for (let line = 0; line < tiny.width; line++) {
        toKeys.set(fromKeys.subarray(line * frames, (line + 1) * frames), start + line * this.frames);
      }
      for (let head = 0; head < tiny.heads; head++) {
        const block = frames * tiny.headSize;
        toValues.set(fromValues.subarray(head * block, (head + 1) * block), start + head * this.frames * tiny.headSize);
      }
    }
    this.mask.fill(masked, row * this.frames + frames, (row + 1) * this.frames);
  }

  /**
   * Makes room for so many positions, by half as many again: the session copies and clears the whole of a past at each
   * step, so a past much longer than its content costs time.
   */
  reserve(positions: number): void {
    if (positions <= this.capacity) return;
    const [from, to] = [this.capacity, Math.max(positions, Math.ceil(this.capacity * 1.5))];
    const grow = (past: Float32Array): Float32Array => {
      const grown = new Float32Array((past.length / from) * to);
      const [oldLine, newLine] = [from * tiny.paddedHeadSize, to * tiny.paddedHeadSize];
      for (let line = 0; line * oldLine < past.length; line++) {
        grown.set(past.subarray(line * oldLine, (line + 1) * oldLine), line * newLine);
      }
      return grown;
    };
    this.pastKeys = this.pastKeys.map(grow);
    this.pastValues = this.pastValues.map(grow);
    this.capacity = to;
  }

  /**
   * Appends what a step has made to a row's past. `fresh`: key and value of each layer in turn, 320 numbers each, from
   * `offset` on.
   */
  append(row: number, position: number, fresh: Float32Array, offset: number): void {
    for (let layer = 0; layer < tiny.layers; layer++) {
      const from = offset + 2 * layer * tiny.paddedWidth;
      this.#appendTo(this.pastKeys[layer], row, position, fresh, from);
      this.#appendTo(this.pastValues[layer], row, position, fresh, from + tiny.paddedWidth);
    }
  }

  #appendTo(past: Float32Array | undefined, row: number, position: number, fresh: Float32Array, from: number): void {
    if (past === undefined) return;
    for (let head = 0; head < tiny.heads; head++) {
      const to = ((row * tiny.heads + head) * this.capacity + position) * tiny.paddedHeadSize;
      const start = from + head * tiny.paddedHeadSize;
      for (let index = 0; index < tiny.paddedHeadSize; index++) past[to + index] = fresh[start + index] ?? 0;
    }
  }

  /** Row `row` of the past becomes what the first row of `from`, which holds `positions`, is. */
  takePast(from: BatchBuffers, row: number, positions: number): void {
    const copy = (source: readonly Float32Array[], target: readonly Float32Array[]): void => {
      target.forEach((past, layer) => {
        for (let head = 0; head < tiny.heads; head++) {
          const start = head * from.capacity * tiny.paddedHeadSize;
          const line = source[layer]?.subarray(start, start + positions * tiny.paddedHeadSize) ?? [];
          past.set(line, (row * tiny.heads + head) * this.capacity * tiny.paddedHeadSize);
        }
      });
    };
    copy(from.pastKeys, this.pastKeys);
    copy(from.pastValues, this.pastValues);
  }

  /** Row `to` of the past becomes what row `from` is. */
  copyPast(from: number, to: number): void {
    const past = this.capacity * tiny.paddedWidth;
    for (const buffer of this.pastKeys) buffer.copyWithin(to * past, from * past, (from + 1) * past);
    for (const buffer of this.pastValues) buffer.copyWithin(to * past, from * past, (from + 1) * past);
  }

  /** Row `from` of what is attended to takes the place of row `to`, its rows of the past with it. */
  move(from: number, to: number): void {
    const cross = this.frames * tiny.width;
    const past = this.rowsEach * this.capacity * tiny.paddedWidth;
    for (const buffer of this.crossKeys) buffer.copyWithin(to * cross, from * cross, (from + 1) * cross);
    for (const buffer of this.crossValues) buffer.copyWithin(to * cross, from * cross, (from + 1) * cross);
    for (const buffer of this.pastKeys) buffer.copyWithin(to * past, from * past, (from + 1) * past);
    for (const buffer of this.pastValues) buffer.copyWithin(to * past, from * past, (from + 1) * past);
    this.mask.copyWithin(to * this.frames, from * this.frames, (from + 1) * this.frames);
  }
}
