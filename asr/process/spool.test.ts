import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Backlog } from './backlog.ts';
import { newSpoolKey, Spool } from './spool.ts';
import { WaitingRoom } from './waiting-room.ts';

const slotBytes = 16_016;
let folder: string;
let spool: Spool;
let failures: unknown[];

/** A second in which no two samples in a row are the same. */
function second(seed: number): Int16Array {
  return Int16Array.from({ length: 8000 }, (_, index) => ((index * 7919 + seed * 104_729) % 65_536) - 32_768);
}

/** What lies on the disk, by way of the open file: it has no name. */
function onDisk(): Buffer {
  const open = readdirSync('/proc/self/fd').flatMap((fd) => {
    const path = `/proc/self/fd/${fd}`;
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() === true && found.nlink === 0 ? [readFileSync(path)] : [];
  });
  return Buffer.concat(open);
}

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'spool-')), 'asr-spool');
  failures = [];
  spool = new Spool(folder, 3 * slotBytes, (error) => failures.push(error));
});
afterEach(() => {
  spool.close();
  rmSync(join(folder, '..'), { recursive: true });
});

describe('Spool', () => {
  it('gives back what it was given, in whatever order it is asked', () => {
    const [mine, yours] = [newSpoolKey(), newSpoolKey()];
    const pieces = [mine, yours, mine].map((key, index) => ({ key, at: spool.write(key, second(index))! }));
    expect(spool.take(mine, pieces[2]!.at)).toEqual(second(2));
    expect(spool.take(yours, pieces[1]!.at)).toEqual(second(1));
    expect(spool.take(mine, pieces[0]!.at)).toEqual(second(0));
  });

  it.skipIf(process.platform !== 'linux')('leaves nothing that can be read, or found once it is closed', () => {
    const key = newSpoolKey();
    const pcm = second(1);
    spool.write(key, pcm);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual([]);
    const bytes = onDisk();
    expect(bytes.length).toBeGreaterThanOrEqual(slotBytes);
    expect(bytes.includes(Buffer.from(pcm.buffer, 0, 32))).toBe(false);
    expect(bytes.includes(key.bytes)).toBe(false);
  });

  it('opens no piece with the key of another call, or in the place of another piece', () => {
    const key = newSpoolKey();
    const [first, next] = [spool.write(key, second(1))!, spool.write(key, second(2))!];
    expect(spool.take(newSpoolKey(), first)).toBeUndefined();
    expect(spool.take(key, { ...next, piece: first.piece })).toBeUndefined();
    expect(failures).toHaveLength(2);
  });

  it('loses what a disk does not take, and says so', () => {
    const nowhere = new Spool(join('/dev/null', 'spool'), 3 * slotBytes, (error) => failures.push(error));
    expect(nowhere.write(newSpoolKey(), second(1))).toBeUndefined();
    expect(failures).toHaveLength(1);
  });

  it('keeps within its limit, and uses room again', () => {
    const key = newSpoolKey();
    const pieces = [1, 2, 3].map((seed) => spool.write(key, second(seed))!);
    expect(spool.write(key, second(4))).toBeUndefined();
    expect(spool.usedBytes).toBe(3 * slotBytes);
    spool.take(key, pieces[1]!);
    expect(spool.take(key, spool.write(key, second(5))!)).toEqual(second(5));
    spool.drop(pieces[0]!);
    spool.drop(pieces[2]!);
    expect(spool.usedBytes).toBe(0);
  });
});

describe('Backlog', () => {
  it('keeps the order over memory and disk, and misses only what found no room', () => {
    const room = new WaitingRoom({ memorySamples: 16_000, spool });
    const backlog = new Backlog(room, room.keyOf());
    const all = Int16Array.from([1, 2, 3, 4, 5, 6, 7].flatMap((seed) => [...second(seed)]));
    for (let at = 0; at < all.length; at += 800) backlog.add(at, all.subarray(at, at + 800));
    backlog.add(all.length, undefined);
    // Two seconds in memory, three on disk, two lost.
    expect(backlog.samples).toBe(5 * 8000);
    expect(room.takeDropped()).toBe(2 * 8000);
    const taken = Array.from({ length: 6 }, () => backlog.take());
    expect(taken.map((later) => later?.sample)).toEqual([0, 8000, 16_000, 24_000, 32_000, 56_000]);
    expect(taken.map((later) => later?.pcm)).toEqual([...[1, 2, 3, 4, 5].map(second), undefined]);
    expect(backlog.isEmpty).toBe(true);
    expect([room.memorySamples, room.spooledBytes]).toEqual([0, 0]);
  });

  it('gives room back when nobody wants its audio any more', () => {
    const room = new WaitingRoom({ memorySamples: 8000, spool });
    const backlog = new Backlog(room, room.keyOf());
    for (const seed of [0, 1, 2]) backlog.add(seed * 8000, second(seed));
    expect([room.memorySamples, room.spooledBytes]).toEqual([8000, 2 * slotBytes]);
    backlog.clear();
    expect([room.memorySamples, room.spooledBytes]).toEqual([0, 0]);
  });
});
