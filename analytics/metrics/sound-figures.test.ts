import { expect, it } from 'vitest';
import type { SoundLevels } from '#asr/types.ts';
import { soundFigures, toLoudness } from './sound-figures.ts';

function levels(startMs: number, levelDbfs: number[], speech: number[], pitchHz: (number | null)[]): SoundLevels {
  return { startMs, stepMs: 1000, levelDbfs, speech, pitchHz, snrDb: pitchHz.map((hz) => hz && hz / 10) };
}

it('loudness runs from 0 at -60 dBFS to 100 at full scale', () => {
  expect([-96, -60, -30, -15, 0, 3].map(toLoudness)).toEqual([0, 0, 50, 75, 100, 100]);
});

it('loudness is of every second of the timeline, the other figures of what was said from the answer on', () => {
  const figures = soundFigures(
    new Map([
      [
        'caller',
        [
          levels(0, [-96, -30], [0, 0.9], [null, 400]),
          // Nothing is known of the third second.
          levels(3000, [-15, -30, -60, -60], [0.9, 0.8, 0.1, 0.9], [200, 100, 50, 900]),
        ],
      ],
    ]),
    [
      { side: 'caller', kind: 'music', startMs: 1000, endMs: 4000 },
      { side: 'caller', kind: 'ringback', startMs: 0, endMs: 4000 },
      { side: 'callee', kind: 'music', startMs: 0, endMs: 6000 },
    ],
    { startMs: 2500, endMs: 5800 },
  );
  expect(figures).toEqual({
    caller: { loudness: [0, 50, null, 75, 50, 0], snrDb: 20, pitchHz: 200, musicMs: 1500 },
  });
});
