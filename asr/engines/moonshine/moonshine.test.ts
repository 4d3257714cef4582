import { describe, expect, test } from 'vitest';
import { firstFrames } from './align.ts';
import { BatchBuffers } from './batch-buffers.ts';
import { framesOf } from './encoder-graph.ts';
import { tiny } from './layers.ts';
import { loopCut, tokenCap } from './loops.ts';
import { Loudness } from './loudness.ts';
import { endLimit, isForcedWord, isSilent, isStockText } from './nothing-said.ts';
import { upsample8to16 } from './resample.ts';

const tone = (hz: number, samples: number, amplitude = 10_000): Int16Array =>
  Int16Array.from({ length: samples }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * n) / 8000)));

describe('resampling to 16 kHz', () => {
  test.each([300, 1000, 3400])('a tone of %i Hz stays that tone, without delay or image', (hz) => {
    const up = upsample8to16(tone(hz, 800));
    expect(up).toHaveLength(1600);
    for (let n = 200; n < 1400; n++) {
      expect(up[n]).toBeCloseTo((10_000 / 32_768) * Math.sin((2 * Math.PI * hz * n) / 16_000), 2);
    }
  });
});

describe('time warping', () => {
  test('each row begins where its attention does', () => {
    const rows = 3;
    const frames = 9;
    const attention = new Float32Array(rows * frames).fill(0.01);
    for (const [row, from, to] of [
      [0, 0, 2],
      [1, 2, 7],
      [2, 7, 9],
    ] as const) {
      attention.fill(0.9, row * frames + from, row * frames + to);
    }
    expect([...firstFrames(attention, rows, frames)]).toEqual([0, 2, 7]);
  });

  test('stays in order where a later row looks back, and copes with more rows than frames', () => {
    const attention = Float32Array.from([0, 0, 1, 1, 0, 0]);
    const [first = -1, second = -1] = firstFrames(attention, 2, 3);
    expect(second).toBeGreaterThanOrEqual(first);
    expect([...firstFrames(new Float32Array(8), 4, 2)].every((frame) => frame >= 0 && frame < 2)).toBe(true);
  });
});

describe('loops', () => {
  test('a run that repeats is cut to one copy', () => {
    expect(loopCut([9, 5, 5, 5, 5, 5])).toBe(2);
    expect(loopCut([9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])).toBe(4);
  });

  test('what people do repeat is left', () => {
    expect(loopCut([5, 5, 5, 5])).toBeUndefined();
    expect(loopCut([1, 2, 3, 1, 2, 3, 1, 2, 3])).toBeUndefined();
    expect(tokenCap(10)).toBe(69);
  });
});

describe('nothing said', () => {
  test('what the detector took for speech is given the benefit of the doubt', () => {
    expect(endLimit(true, true)).toBeGreaterThan(endLimit(true, false));
    expect(endLimit(false, true)).toBe(0);
  });

  test('stock phrases of subtitles are not speech, what callers say is', () => {
    for (const text of ['♪', '♪ la la', '© transcript Emily Beynon', 'Thank you for watching!', '...', '']) {
      expect(isStockText(text)).toBe(true);
    }
    for (const text of ['Thank you.', 'You', '4', 'Yes.']) expect(isStockText(text)).toBe(false);
    expect(isForcedWord('You', 0.2)).toBe(true);
    expect(isForcedWord('You', 0.9)).toBe(false);
    expect(isForcedWord('You too', 0.2)).toBe(false);
    expect(isForcedWord('Mm-hmm,', 0.02)).toBe(true);
    expect(isForcedWord('Mm-hmm.', 0.6)).toBe(false);
  });

  test('idle line noise of mu-law is silence, a whisper is not', () => {
    expect(isSilent(new Int16Array(800).fill(8))).toBe(true);
    expect(isSilent(tone(500, 800, 60))).toBe(false);
  });
});

describe('the part of its place that a word is heard in', () => {
  const pcm = new Int16Array(8000);
  pcm.set(tone(400, 2000), 800);
  pcm.set(tone(400, 2000), 6000);
  const loudness = new Loudness(pcm);

  test('ends at the pause after it, not where the next one begins', () => {
    const [start, end] = loudness.soundIn(800, 6200);
    expect(start).toBe(800);
    expect(Math.abs(end - 2800)).toBeLessThanOrEqual(80);
    expect(loudness.soundIn(6000, 7900)).toEqual([6000, 7900]);
  });

  test('begins after the pause that attention was turned to, or after a click in it', () => {
    expect(loudness.soundIn(3000, 8000)[0]).toBe(6000);
    const clicked = pcm.slice();
    clicked.set(tone(400, 160), 3200);
    expect(new Loudness(clicked).soundIn(3000, 8000)[0]).toBe(6000);
  });

  test('a quiet beginning is its own, but not of the first word', () => {
    expect(loudness.soundIn(400, 2800)).toEqual([400, 2800]);
    expect(loudness.soundIn(400, 2800, true)).toEqual([800, 2800]);
  });

  test('without any sound it has the least length, inside its place', () => {
    expect(loudness.soundIn(3000, 5000)).toEqual([3000, 3400]);
    expect(loudness.soundIn(3000, 3100)).toEqual([3000, 3100]);
  });
});

test('frames by the arithmetic of the three convolutions', () => {
  for (const samples of [256, 447, 448, 8000, 65_535]) {
    const first = Math.floor((2 * samples - 127) / 64) + 1;
    const second = Math.floor((first - 7) / 3) + 1;
    expect(framesOf(samples)).toBe(Math.max(0, Math.floor((second - 3) / 2) + 1));
  }
  expect(framesOf(100)).toBe(0);
});

describe('batch buffers', () => {
  const cache = (frames: number, start: number) => {
    const filled = () => Float32Array.from({ length: tiny.width * frames }, (_, index) => start + index);
    const layers = <Item>(make: () => Item): Item[] => Array.from({ length: tiny.layers }, make);
    return { frames, keys: layers(filled), values: layers(filled) };
  };

  test('a shorter row is padded and masked, and moves whole', () => {
    const buffers = new BatchBuffers([cache(3, 0), cache(2, 1000)], 4);
    expect([...buffers.mask]).toEqual([0, 0, 0, 0, 0, expect.any(Number)]);
    expect(buffers.mask[5]).toBeLessThan(-1e6);
    const row = 3 * tiny.width;
    // Keys are lines of frames: the second line of the second row begins a padded line further on.
    expect([...(buffers.crossKeys[0]?.subarray(row, row + 6) ?? [])]).toEqual([1000, 1001, 0, 1002, 1003, 0]);
    // Values are blocks of heads.
    expect(buffers.crossValues[0]?.[row + 3 * tiny.headSize]).toBe(1000 + 2 * tiny.headSize);
    buffers.move(1, 0);
    expect(buffers.crossKeys[5]?.[0]).toBe(1000);
    expect(buffers.mask[2]).toBeLessThan(-1e6);
  });

  test('the past keeps its content when it grows', () => {
    const buffers = new BatchBuffers([cache(1, 0), cache(1, 0)], 2);
    const fresh = Float32Array.from({ length: 2 * tiny.layers * tiny.paddedWidth }, (_, index) => index + 1);
    buffers.append(1, 1, fresh, 0);
    const before = buffers.pastValues[2]?.[(tiny.heads + 3) * 2 * tiny.paddedHeadSize + tiny.paddedHeadSize];
    buffers.reserve(9);
    expect(buffers.capacity).toBe(9);
    const after = buffers.pastValues[2]?.[(tiny.heads + 3) * 9 * tiny.paddedHeadSize + tiny.paddedHeadSize];
    expect(before).toBe(5 * tiny.paddedWidth + 3 * tiny.paddedHeadSize + 1);
    expect(after).toBe(before);
  });

  test('a past is taken over from buffers of another capacity', () => {
    const alone = new BatchBuffers([cache(1, 0)], 3);
    const fresh = Float32Array.from({ length: 2 * tiny.layers * tiny.paddedWidth }, (_, index) => index + 1);
    alone.append(0, 0, fresh, 0);
    alone.append(
      0,
      1,
      fresh.map((value) => -value),
      0,
    );
    const [direct, taken] = [0, 1].map(() => new BatchBuffers([cache(1, 0), cache(2, 0)], 5));
    direct?.append(1, 0, fresh, 0);
    direct?.append(
      1,
      1,
      fresh.map((value) => -value),
      0,
    );
    taken?.takePast(alone, 1, 2);
    expect(taken?.pastKeys).toEqual(direct?.pastKeys);
    expect(taken?.pastValues).toEqual(direct?.pastValues);
  });
});
