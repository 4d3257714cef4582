import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { refusalReasons, warningOf } from './remedies.ts';

test('every reason of a refusal is explained to whoever runs the sender', () => {
  const docs = resolve(import.meta.dirname, '../../docs');
  const text = ['pbx.md', 'pbx/siprec.md'].map((page) => readFileSync(resolve(docs, page), 'utf8')).join('\n');
  expect(refusalReasons.filter((reason) => !text.includes(`\`${reason}\``))).toEqual([]);
});

test('a Warning is one line whatever the remedy quotes', () => {
  expect(warningOf('at-capacity', 'say "please"')).toBe(`399 sidetone "say 'please'"`);
});
