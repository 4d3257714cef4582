import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasCode } from '#lib/errors.ts';
import { writeToneModel } from '../testing/tone-models.ts';
import { readManifest } from './manifest.ts';
import { pullModel, type PullOptions } from './pull.ts';

const hasTools = ['tar', 'bzip2'].every((tool) => spawnSync(tool, ['--version'], { input: '' }).error === undefined);
let folder: string;
let modelsDir: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sidetone-pull-'));
  modelsDir = join(folder, 'models');
});
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  rmSync(folder, { recursive: true });
});

/** What a release looks like: one folder in a tar.bz2. `transform` (of GNU tar) makes bad ones. */
function makeArchive(transform: readonly string[] = [], prepare: (content: string) => void = () => undefined): Buffer {
  const content = join(folder, 'sherpa-onnx-tones');
  writeToneModel(content, 'ctc');
  prepare(content);
  const path = join(folder, 'a.tar.bz2');
  execFileSync('tar', ['-cjf', path, ...transform, '-C', folder, 'sherpa-onnx-tones']);
  return readFileSync(path);
}

/** Serves `content` in ranges. `cutAfter`: bytes after which each of the next connections breaks. */
async function serve(content: Buffer, cuts: number[] = [], etag = '"one"') {
  const asked: (string | undefined)[] = [];
  const state = { content, etag };
  server = createServer((request, response) => {
    const { range } = request.headers;
    asked.push(range);
    const from =
      range !== undefined && request.headers['if-range'] === state.etag ? Number(/=(\d+)-/.exec(range)?.[1]) : 0;
    const rest = state.content.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      etag: state.etag,
      'content-length': rest.length,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${state.content.length - 1}/${state.content.length}` } : {}),
    });
    const cut = cuts.shift();
    if (cut === undefined) response.end(rest);
    else response.write(rest.subarray(0, cut), () => setTimeout(() => response.destroy(), 150));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.tar.bz2`;
  return { model: { name: 'tones', url, languages: ['en'], licence: 'MIT' }, asked, state };
}

const options = (more: Partial<PullOptions> = {}): PullOptions => ({ modelsDir, firstWaitMs: 1, ...more });
const withCode =
  (code: Parameters<typeof hasCode>[1], words = '') =>
  (error: unknown) =>
    hasCode(error, code) && error.message.includes(words);
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

describe.skipIf(!hasTools)('a model that is pulled', () => {
  test('is there all at once, with where it came from; nothing else is left', async () => {
    const content = makeArchive();
    const { model } = await serve(content);
    const progress: number[] = [];
    const pulled = await pullModel(model, options({ onProgress: (done) => progress.push(done) }));
    expect(pulled).toEqual({ folder: join(modelsDir, 'tones'), sha256: sha256(content), isFirst: true });
    expect(progress.at(-1)).toBe(content.length);
    expect(readdirSync(modelsDir).sort()).toEqual(['pins.json', 'tones']);
    expect(readdirSync(pulled.folder).sort()).toEqual(['model.onnx', 'sidetone-model.json', 'tokens.txt']);
    expect(await readManifest(pulled.folder)).toMatchObject({ name: 'tones', source: model.url, licence: 'MIT' });
    expect(await pullModel(model, options())).toMatchObject({ isFirst: false });
    expect(readdirSync(modelsDir).sort()).toEqual(['pins.json', 'tones']);
  });

  test('goes on where the connection broke, also in the next run', async () => {
    const content = makeArchive();
    const { model, asked } = await serve(content, [300, 200, 0, 0]);
    await expect(pullModel(model, options({ fruitless: 2 }))).rejects.toSatisfy(withCode('download-failed'));
    expect(existsSync(join(modelsDir, 'tones'))).toBe(false);
    await pullModel(model, options());
    // How much of a broken connection is kept is up to how it broke; what is kept is not asked for again.
    const starts = asked.map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? 'bytes=0-')?.[1]));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect([starts[0], starts.at(-1)]).toEqual([0, 500]);
    expect((await readManifest(join(modelsDir, 'tones')))?.sha256).toBe(sha256(content));
  });

  test('is begun anew when the server has another file by now', async () => {
    const { model, state } = await serve(makeArchive(), [300, 0]);
    await expect(pullModel(model, options({ fruitless: 1 }))).rejects.toSatisfy(withCode('download-failed'));
    state.content = makeArchive([], (content) => writeFileSync(join(content, 'README.md'), 'newer'));
    state.etag = '"two"';
    const { sha256: pulled } = await pullModel(model, options());
    expect(pulled).toBe(sha256(state.content));
  });

  test('has to be the one that was pinned, unless somebody says otherwise', async () => {
    const { model, state } = await serve(makeArchive());
    await expect(pullModel({ ...model, sha256: '0'.repeat(64) }, options())).rejects.toSatisfy(
      withCode('archive-refused', '0'.repeat(64)),
    );
    expect(readdirSync(modelsDir)).toEqual([]);
    await pullModel(model, options());
    state.content = makeArchive([], (content) => writeFileSync(join(content, 'more.txt'), 'slipped in'));
    state.etag = '"two"';
    await expect(pullModel(model, options())).rejects.toSatisfy(withCode('archive-refused', 'pinned'));
    expect(existsSync(join(modelsDir, 'tones', 'more.txt'))).toBe(false);
    await pullModel(model, options({ repin: true }));
    expect(existsSync(join(modelsDir, 'tones', 'more.txt'))).toBe(true);
  });

  test.each([
    ['a path with ..', ['--transform', 's,tokens.txt,../../outside.txt,']],
    ['an absolute path', ['-P', '--transform', 's,.*tokens.txt,/tmp/sidetone-outside.txt,']],
  ])('is refused with %s in it, and nothing is written outside', async (_what, transform) => {
    const { model } = await serve(makeArchive(transform));
    await expect(pullModel(model, options())).rejects.toSatisfy(withCode('archive-refused', 'outside'));
    expect(readdirSync(modelsDir)).toEqual([]);
    expect(existsSync(join(folder, 'outside.txt'))).toBe(false);
    expect(existsSync('/tmp/sidetone-outside.txt')).toBe(false);
  });

  test('is refused with a link in it, also one that a later entry would be written through', async () => {
    const link = (content: string): void => symlinkSync(folder, join(content, 'door'));
    const { model } = await serve(makeArchive([], link));
    await expect(pullModel(model, options())).rejects.toSatisfy(withCode('archive-refused', 'door'));
    expect(readdirSync(modelsDir)).toEqual([]);
  });

  test('is refused when it is damaged, or holds no model', async () => {
    const content = makeArchive();
    content.fill(0, 200, 260);
    const { model, state } = await serve(content);
    await expect(pullModel(model, options())).rejects.toSatisfy(withCode('archive-refused'));
    state.content = Buffer.from('<html>not here</html>');
    state.etag = '"two"';
    await expect(pullModel(model, options())).rejects.toSatisfy(withCode('archive-refused'));
    state.content = makeArchive([], (folderOf) => rmSync(join(folderOf, 'model.onnx')));
    state.etag = '"three"';
    await expect(pullModel(model, options())).rejects.toSatisfy(withCode('model-missing'));
    expect(readdirSync(modelsDir)).toEqual([]);
  });

  test.skipIf(!existsSync('/dev/full'))('fails on a full disk, and says so', async () => {
    const { model } = await serve(makeArchive());
    mkdirSync(modelsDir);
    symlinkSync('/dev/full', join(modelsDir, '.tones.part'));
    await expect(pullModel(model, options())).rejects.toSatisfy(withCode('download-failed', 'no room'));
    rmSync(join(modelsDir, '.tones.part'));
    await pullModel(model, options());
  });
});
