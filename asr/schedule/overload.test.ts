import { describe, expect, it } from 'vitest';
import { Overload, type Load } from './overload.ts';

const well: Load = { partialIntervalMs: 300, lateMs: 100 };

/** Sees the same load every 100 ms for so long. How many calls it puts to wait. */
function see(overload: Overload, load: Load, fromMs: number, toMs: number): number {
  let waiting = 0;
  for (let at = fromMs; at < toMs; at += 100) if (overload.see(load, at)) waiting += 1;
  return waiting;
}

describe('Overload', () => {
  it.each([
    [{ partialIntervalMs: 900, lateMs: 100 }, 'fewer-partials'],
    [{ partialIntervalMs: Infinity, lateMs: 100 }, 'no-partials'],
    [{ partialIntervalMs: Infinity, lateMs: 2000 }, 'late-finals'],
  ] as const)('tells of %j once it has lasted, and of its end as well', (load, step) => {
    const overload = new Overload();
    see(overload, load, 0, 1900);
    expect(overload.step).toBe('none');
    see(overload, load, 1900, 2500);
    expect(overload.step).toBe(step);
    see(overload, well, 2500, 7000);
    expect(overload.step).toBe(step);
    see(overload, well, 7000, 8000);
    expect(overload.step).toBe('none');
  });

  it('is not moved by a peak', () => {
    const overload = new Overload();
    for (let at = 0; at < 20_000; at += 2000) {
      see(overload, { partialIntervalMs: Infinity, lateMs: 3000 }, at, at + 1000);
      see(overload, well, at + 1000, at + 2000);
    }
    expect(overload.step).toBe('none');
  });

  it('puts one call after the other to wait while the others are still far behind', () => {
    const overload = new Overload();
    const behind = { partialIntervalMs: Infinity, lateMs: 6000 };
    expect(see(overload, behind, 0, 1900)).toBe(0);
    expect(see(overload, behind, 1900, 3000)).toBe(1);
    expect(see(overload, behind, 3000, 9000)).toBe(2);
    expect(see(overload, well, 9000, 20_000)).toBe(0);
  });

  it('puts no other call to wait while those that are left catch up', () => {
    const overload = new Overload();
    let waiting = 0;
    for (let at = 0; at < 12_000; at += 100) {
      if (overload.see({ partialIntervalMs: Infinity, lateMs: 9000 - at / 4 }, at)) waiting += 1;
    }
    expect(waiting).toBe(1);
  });
});
