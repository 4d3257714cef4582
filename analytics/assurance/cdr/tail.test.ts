import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { beginning, readOn, type TailPosition } from './tail.ts';

const dir = mkdtempSync(join(tmpdir(), 'st-tail-'));
afterAll(() => rmSync(dir, { recursive: true }));

let files = 0;
let path = '';
let position: TailPosition;
beforeEach(() => {
  path = join(dir, `Master${(files += 1)}.csv`);
  position = beginning;
});

/** What is new, and whether the file began anew, in the order it was told; `position` moves on. */
async function news(still = false): Promise<readonly string[]> {
  const told: string[] = [];
  for await (const chunk of readOn(path, position, still)) {
    if (chunk.anew !== null) told.push(`(${chunk.anew})`);
    told.push(...chunk.lines);
    position = chunk.position;
  }
  return told;
}

test('whole lines as they come, and half a line when it is whole', async () => {
  expect(await news()).toEqual([]);
  writeFileSync(path, 'one\ntw');
  expect(await news()).toEqual(['one']);
  expect(await news()).toEqual([]);
  appendFileSync(path, 'o\r\n\nthree');
  expect(await news()).toEqual(['two\r', '']);
  expect(position).toMatchObject({ lines: 3, offsetBytes: 10 });
  expect(await news(true)).toEqual(['three']);
  expect(await news(true)).toEqual([]);
  expect(position.lines).toBe(4);
});

test('a file that was moved aside is read to its end, and then the new one', async () => {
  writeFileSync(path, 'old 1\n');
  expect(await news()).toEqual(['old 1']);
  appendFileSync(path, 'old 2\nold 3');
  renameSync(path, `${path}.1`);
  writeFileSync(`${path}.2`, 'older\n');
  utimesSync(`${path}.2`, 1000, 1000);
  expect(await news()).toEqual([]);
  writeFileSync(path, 'new 1\n');
  expect(await news()).toEqual(['old 2', 'old 3', '(rotated)', 'new 1']);
  expect(position).toMatchObject({ lines: 1, offsetBytes: 6 });
});

test('a file that was moved aside twice meanwhile is read, and the one in between, and then the new one', async () => {
  writeFileSync(path, 'first 1\n');
  expect(await news()).toEqual(['first 1']);
  appendFileSync(path, 'first 2\n');
  utimesSync(path, 2000, 2000);
  renameSync(path, `${path}.2`);
  writeFileSync(`${path}.1`, 'second 1\nsecond 2\n');
  utimesSync(`${path}.1`, 3000, 3000);
  writeFileSync(`${path}.0.gz`, 'compressed');
  writeFileSync(path, 'third 1\n');
  expect(await news()).toEqual(['first 2', '(rotated)', 'second 1', 'second 2', '(rotated)', 'third 1']);
  expect(await news()).toEqual([]);
});

test('a file that was cut begins anew, also when it has grown past where we were', async () => {
  writeFileSync(path, 'first\nsecond\n');
  expect(await news()).toEqual(['first', 'second']);
  truncateSync(path);
  expect(await news()).toEqual(['(lost)']);
  appendFileSync(path, 'first\n');
  expect(await news()).toEqual(['first']);
  writeFileSync(path, 'other first\nother second\nother third\n');
  expect(await news()).toEqual(['(lost)', 'other first', 'other second', 'other third']);
});

test('a long file comes in parts, and characters stay whole where two parts meet', async () => {
  const lines = Array.from({ length: 40_000 }, (_, index) => `zeile ${index} äöü`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  expect(await news()).toEqual(lines);
  expect(position.lines).toBe(40_000);
});

test('what never ends is no line, and what follows is read', async () => {
  writeFileSync(path, `${'x'.repeat(600_000)}\nafter\n`);
  const told = await news();
  expect(told.at(-1)).toBe('after');
  expect(told.every((line) => line.length < 300_000)).toBe(true);
});
