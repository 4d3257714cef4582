import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { silentLogger } from '#lib/log.ts';
import { readWav } from '#lib/audio/wav.ts';
import { toneShare } from '#lib/testing/tones.ts';
import { recoverRecordings } from './recover.ts';

test('kill -9 in the middle of a call: what was written is there, but for the last second or so, and what is known of it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'st-killed-'));
  const script = fileURLToPath(new URL('../testing/recording-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, dataDir, '43740-43759'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const [recovered] = await recoverRecordings(dataDir, silentLogger);
    expect(recovered?.failure).toBe('server-restarted');
    expect(recovered?.samples).toBeGreaterThanOrEqual(16_000);
    expect(recovered?.silenced).toEqual([{ startSample: 1600, endSample: 2400 }]);
    expect(recovered?.unredacted).toEqual([{ startSample: 8000, endSample: recovered?.samples }]);
    const { channels } = await readWav(join(dataDir, recovered?.path ?? ''));
    expect(channels.map((channel) => channel.length)).toEqual([recovered?.samples, recovered?.samples]);
    expect(toneShare((channels[0] ?? new Int16Array(0)).subarray(2400, 6400), 440)).toBeGreaterThan(0.9);
    expect((channels[0] ?? new Int16Array(1)).subarray(1600, 2400).every((sample) => sample === 0)).toBe(true);
    expect((await readdir(dirname(join(dataDir, recovered?.path ?? '')))).map((name) => extname(name))).toEqual([
      '.json',
      '.wav',
    ]);
  } finally {
    child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  }
});
