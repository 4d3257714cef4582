import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { terminationReasons } from '../sip/types.ts';
import { environmentNames } from './config/load.ts';
import { errorCodes } from './errors.ts';

const docs = resolve(import.meta.dirname, '../docs');
/** First column of a page's tables, where it is code. */
const documented = (page: string): string[] =>
  [...readFileSync(join(docs, page), 'utf8').matchAll(/^\| `([^`]+)` +\|/gm)].map((match) => match[1] ?? '');

test('every error code is documented, and no other', () => {
  expect(documented('errors.md').sort()).toEqual([...errorCodes].sort());
});

test('every way a call can end is documented, and no other', () => {
  expect(documented('terminations.md').sort()).toEqual([...terminationReasons].sort());
});

test('every environment variable is documented, and no other', () => {
  expect(documented('configuration.md').sort()).toEqual([...environmentNames().keys()].sort());
});
