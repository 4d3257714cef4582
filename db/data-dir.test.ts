import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readServerId } from './data-dir.ts';

test('a data directory keeps its name for good; a name that a crash left empty is none', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sidetone-data-'));
  try {
    const path = join(dir, 'server-id');
    writeFileSync(path, '');
    const id = readServerId(dir);
    expect(id).not.toBe('');
    expect(readServerId(dir)).toBe(id);
    rmSync(path);
    expect(readServerId(dir)).not.toBe(id);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
