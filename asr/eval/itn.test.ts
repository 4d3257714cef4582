import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluateWritten } from './itn.ts';

test('counts by class, and names what is wrong', () => {
  const dir = mkdtempSync(join(tmpdir(), 'itn-'));
  writeFileSync(join(dir, 'money.txt'), 'ten dollars~$10\nten dollars~$11\n');
  writeFileSync(join(dir, 'time.txt'), 'at four thirty p m~At 04:30 p.m.\n');
  writeFileSync(join(dir, 'README.txt'), 'no cases\n');
  try {
    expect(evaluateWritten(dir)).toEqual([
      { name: 'money', cases: 2, right: 1, wrong: [{ spoken: 'ten dollars', expected: '$11', written: '$10' }] },
      { name: 'time', cases: 1, right: 1, wrong: [] },
    ]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
