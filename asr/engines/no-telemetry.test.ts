import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('a recogniser leaves nothing in the home folder, where its telemetry would keep what it is to send', () => {
  const home = mkdtempSync(join(tmpdir(), 'sidetone-home-'));
  try {
    const silero = new URL('../vad/silero.ts', import.meta.url).href;
    const script = `const { loadSileroVad } = await import('${silero}'); await loadSileroVad();`;
    // Without the variable CI, under which the library keeps quiet by itself.
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { env: { HOME: home } });
    expect(readdirSync(home)).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
