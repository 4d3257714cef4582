import { expect, test } from 'vitest';
import { PauseCodeWatch } from './pause-code.ts';

/** Event, E and volume, duration: as the packets of one press follow each other, ends three times. */
function press(watch: PauseCodeWatch, key: number, timestamp: number, ssrc = 7): void {
  for (const [ended, duration] of [
    [0, 160],
    [0, 320],
    [0x80, 480],
    [0x80, 480],
    [0x80, 480],
  ] as const) {
    const bytes = Uint8Array.of(key, ended | 10, duration >> 8, duration & 0xff);
    watch.packet('callee', bytes, 0, bytes.length, ssrc, timestamp >>> 0, timestamp / 8);
  }
}

test('each press counts once, across the wrap of the timestamp; a late copy of an old one does not count', () => {
  const found: boolean[] = [];
  const watch = new PauseCodeWatch({ pause: '*77', resume: '*78' }, (paused) => found.push(paused));
  const start = 2 ** 32 - 1000;
  press(watch, 10, start);
  press(watch, 7, start + 800);
  expect(found).toEqual([]);
  press(watch, 10, start);
  press(watch, 7, start + 1600);
  expect(found).toEqual([true]);
  press(watch, 10, start + 2400);
  press(watch, 7, start + 3200);
  press(watch, 8, start + 4000);
  expect(found).toEqual([true, false]);
});

test('sides do not press one code together, and what is no key is none', () => {
  const found: boolean[] = [];
  const watch = new PauseCodeWatch({ pause: '*7' }, (paused) => found.push(paused));
  const star = Uint8Array.of(10, 10, 0, 160);
  const seven = Uint8Array.of(7, 10, 0, 160);
  watch.packet('caller', star, 0, 4, 1, 100, 0);
  watch.packet('callee', seven, 0, 4, 2, 200, 10);
  watch.packet('caller', Uint8Array.of(200, 0, 0, 1), 0, 4, 1, 300, 20);
  watch.packet('caller', seven, 0, 3, 1, 400, 30);
  expect(found).toEqual([]);
  watch.packet('caller', seven, 0, 4, 1, 500, 40);
  expect(found).toEqual([true]);
});
