import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeOggOpus } from './ogg-opus.ts';

function hasFfmpeg(): boolean {
  try {
    return execFileSync('ffmpeg', ['-hide_banner', '-encoders'], { stdio: 'pipe' }).includes('libopus');
  } catch {
    return false;
  }
}

test.skipIf(!hasFfmpeg())(
  'a tone in Ogg Opus keeps its length, place and pitch (needs ffmpeg with libopus)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sidetone-opus-'));
    const path = join(folder, 'tone.opus');
    const source = 'aevalsrc=0.3*sin(2*PI*500*t)*gte(t\\,1):d=3:s=8000';
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, '-c:a', 'libopus', '-b:a', '24k', path]);
    const pcm = await decodeOggOpus(readFileSync(path));
    rmSync(folder, { recursive: true });
    expect(Math.abs(pcm.length - 24_000)).toBeLessThanOrEqual(2);
    const onset = pcm.findIndex((sample) => Math.abs(sample) > 3000);
    expect(Math.abs(onset - 8000)).toBeLessThan(80);
    let crossings = 0;
    for (let n = 12_000; n < 20_000; n++) if ((pcm[n - 1] ?? 0) < 0 && (pcm[n] ?? 0) >= 0) crossings++;
    expect(crossings).toBeGreaterThanOrEqual(499);
    expect(crossings).toBeLessThanOrEqual(501);
  },
);
