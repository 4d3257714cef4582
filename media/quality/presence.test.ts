import { expect, test } from 'vitest';
import { TimelineBench } from '../testing/timeline.ts';
import { tone } from '#lib/testing/tones.ts';

const second = 8000;

test('what came of a channel: from when to when, its holes, and how much of it was quiet', () => {
  const bench = new TimelineBench();
  bench.stream({ callee: tone(620, 3 * second) });
  bench.timeline.finish(3000);
  const { presence: none } = bench.timeline.channel('caller');
  expect([none.firstSample, none.endSample, none.quietSamples, none.gaps]).toEqual([-1, -1, 0, 0]);

  const holes = new TimelineBench();
  const hiss = Int16Array.from({ length: second }, (_, n) => (n % 2 === 0 ? 40 : -40));
  let nowMs = 0;
  const play = (pcm: Int16Array, atMs: number): void => {
    nowMs = holes.stream({ caller: pcm, callee: tone(620, pcm.length) }, { fromMs: atMs, timestamp: atMs * 8 });
  };
  play(tone(440, second), 0);
  // 100 ms are the network's, 500 ms are a hole.
  play(hiss, 1100);
  play(tone(440, second), 2600);
  expect(holes.timeline.finish(nowMs)).toBe(3.6 * second);
  const { presence } = holes.timeline.channel('caller');
  expect([presence.firstSample, presence.endSample, presence.gaps]).toEqual([0, 3.6 * second, 1]);
  expect(Math.abs(presence.quietSamples - second)).toBeLessThanOrEqual(320);
});
