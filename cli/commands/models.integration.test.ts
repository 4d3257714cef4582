import { execFile, spawnSync, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';
import { hasSherpa } from '../../asr/testing/has-sherpa.ts';
import { writeToneModel } from '../../asr/testing/tone-models.ts';

const hasTools = ['tar', 'bzip2'].every((tool) => spawnSync(tool, ['--version'], { input: '' }).error === undefined);
let house: HttpHouse;
let folder: string;
beforeAll(async () => {
  house = await openHttpHouse();
  folder = mkdtempSync(join(tmpdir(), 'sidetone-models-'));
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

function sidetone(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    SIDETONE_DATA_DIR: house.dataDir,
    SIDETONE_HTTP_PORT: new URL(house.http.url).port,
  };
  return new Promise((resolve) => {
    execFile(join(import.meta.dirname, '../sidetone'), args, { cwd: house.dataDir, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

test('the packaged model passes its check', async () => {
  const { code, stdout } = await sidetone('models', 'check', '--json');
  expect(code).toBe(0);
  const check = JSON.parse(stdout) as { wordErrorRate: number };
  expect(check).toMatchObject({ language: 'en', inventedWords: 0, gives: { times: true, confidence: true } });
  expect(check.wordErrorRate).toBeLessThan(10);
});

test.skipIf(!hasTools || !hasSherpa)('a model is pulled, listed with what is known of it, and checked', async () => {
  writeToneModel(join(folder, 'tones'), 'ctc');
  execFileSync('tar', ['-cjf', join(folder, 'a.tar.bz2'), '-C', folder, 'tones']);
  const archive = readFileSync(join(folder, 'a.tar.bz2'));
  const server = createServer((_request, response) => response.end(archive)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.tar.bz2`;
  const pulled = await sidetone('models', 'pull', 'tones', '--from', from);
  server.close();
  server.closeAllConnections();
  expect(pulled).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('pinned; nobody') as string });
  expect((await sidetone('models', 'list')).stdout).toMatch(/^tones +here/m);
  // It hears tones and no words: good for nothing on a call, and its exit code says so.
  const check = await sidetone('models', 'check', 'tones');
  expect([check.code, check.stdout]).toEqual([1, expect.stringMatching(/word errors +1\d\d/)]);
});

test('a running server is told which to use; one that it cannot load is told of', async () => {
  expect((await sidetone('models', 'use', 'another')).stdout).toContain('another is in use');
  expect(house.models.inUse).toBe('another');
  const refused = await sidetone('models', 'use', 'broken');
  expect([refused.code, refused.stderr]).toEqual([1, 'sidetone: half.onnx is not a whole ONNX file\n']);
  expect((await sidetone('models', 'pull', 'nonsense')).code).toBe(3);
  expect((await sidetone('models', 'check', 'parakeet-v3')).stderr).toContain('models pull parakeet-v3');
});
