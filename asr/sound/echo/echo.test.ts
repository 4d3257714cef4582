import { describe, expect, it } from 'vitest';
import { seededRandom } from '#lib/testing/random.ts';
import { joined, noise, overTheLine, recordings } from '../testing/line-sounds.ts';
import { longestDelay } from './delay.ts';
import { EchoJudge } from './judge.ts';
import { isAllEcho, isEcho } from './verdict.ts';

const [first = new Int16Array(0), second = new Int16Array(0), third = new Int16Array(0)] = recordings();

/** What comes back of a sound: so much fainter, so much later, by a path with a tail of 5 ms. */
function echoOf(pcm: Int16Array, db: number, delayMs: number): Int16Array {
  const random = seededRandom(3);
  const tail = Float64Array.from({ length: 40 }, (_, n) => (n === 0 ? 1 : (random() - 0.5) * 0.6 * Math.exp(-n / 12)));
  const gain = 10 ** (db / 20);
  return Int16Array.from({ length: pcm.length }, (_, n) => {
    let value = 0;
    tail.forEach((tap, at) => (value += tap * (pcm[n - delayMs * 8 - at] ?? 0)));
    return Math.round(value * gain);
  });
}

function mixed(one: Int16Array, other: Int16Array, gain = 1): Int16Array {
  return one.map((sample, n) => sample + Math.round((other[n] ?? 0) * gain));
}

function look(near: Int16Array, far: Int16Array, judge = new EchoJudge(true)) {
  const before = joined(new Int16Array(longestDelay), far, new Int16Array(near.length));
  return judge.look(overTheLine(near), overTheLine(before).subarray(0, longestDelay + near.length));
}

describe('EchoJudge', () => {
  it.each([
    [-6, 20],
    [-12, 80],
    [-12, 300],
    [-20, 150],
  ])('knows an echo of %i dB after %i ms', (db, delayMs) => {
    expect(isAllEcho(look(echoOf(first, db, delayMs), first))).toBe(true);
  });

  it('takes nobody for an echo: another voice, the same at other words, silence or noise', () => {
    expect(isAllEcho(look(second, first))).toBe(false);
    expect(isAllEcho(look(third, second))).toBe(false);
    expect(isAllEcho(look(first, new Int16Array(first.length)))).toBe(false);
    expect(isAllEcho(look(first, noise(first.length, 3000)))).toBe(false);
  });

  it('does not take what is copied for the copy', () => {
    expect(isAllEcho(look(first, echoOf(first, -12, 80)))).toBe(false);
    expect(isAllEcho(look(first, echoOf(first, -12, 0)))).toBe(false);
  });

  it('keeps a short word that somebody says into the echo, and tells it from the echo once the path is known', () => {
    const judge = new EchoJudge(true);
    expect(isAllEcho(look(echoOf(second, -9, 120), second, judge))).toBe(true);
    const echo = echoOf(first, -9, 120);
    const at = Math.floor(first.length / 2);
    const word = third.subarray(4000, 7200);
    const own = joined(new Int16Array(at), word, new Int16Array(first.length - at - word.length));
    const view = look(mixed(echo, own, 0.7), first, judge);
    expect(isAllEcho(view)).toBe(false);
    expect(isEcho(view, at, at + word.length)).toBe(false);
    expect(isEcho(view, at - 8000, at - 4000)).toBe(true);
  });

  it('one line on two channels is the same, on the one that is named later only', () => {
    const view = look(first, first);
    expect(view.isSame).toBe(true);
    expect(isAllEcho(view)).toBe(true);
    expect(isAllEcho(look(first, first, new EchoJudge(false)))).toBe(false);
    expect(look(echoOf(first, -12, 80), first).isSame).toBe(false);
  });

  it('a hum that both lines share makes nobody an echo', () => {
    const hum = Int16Array.from(
      { length: first.length },
      (_, n) => 4000 * Math.sin((2 * Math.PI * 50 * n) / 8000) + 900,
    );
    expect(isAllEcho(look(mixed(hum, second, 0.3), mixed(hum, first)))).toBe(false);
  });
});
