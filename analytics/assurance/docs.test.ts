import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { assuranceReasons } from '../types.ts';

test('every reason of a verdict is documented, in the order in which the worst is told, and no other', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/assurance.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith('The verdict of a call')) ?? '';
  const documented = [...section.matchAll(/^\| `([^`]+)` +\|/gm)].map((match) => match[1]);
  expect(documented).toEqual([...assuranceReasons]);
});
