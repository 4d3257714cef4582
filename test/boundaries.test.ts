import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { repository } from './server.ts';

/**
 * The lint rule that holds the direction of imports, itself held: a tree of one file with one import each, judged by
 * the repository's own configuration.
 */
const stages = ['sip', 'media', 'asr', 'analytics', 'db', 'dashboards'];

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sidetone-boundaries-'));
  copyFileSync(join(repository, '.oxlintrc.json'), join(dir, '.oxlintrc.json'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Whether lint refuses that a file of `stage` imports `specifier`. */
function isRefused(stage: string, specifier: string): boolean {
  mkdirSync(join(dir, stage, 'room'), { recursive: true });
  writeFileSync(
    join(dir, stage, 'room', 'file.ts'),
    `import { thing } from '${specifier}';\n\nexport const it = thing;\n`,
  );
  const { stdout } = spawnSync(join(repository, 'node_modules/.bin/oxlint'), ['--format', 'json', stage], {
    cwd: dir,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
  return diagnostics.some(({ code }) => code.includes('no-restricted-imports'));
}

test.each(stages)('%s imports of the stages before it their types only, and nothing of those after it', (stage) => {
  const position = stages.indexOf(stage);
  for (const [index, other] of stages.entries()) {
    if (index === position) continue;
    expect(isRefused(stage, `#${other}/types.ts`), `${stage} -> ${other}/types.ts`).toBe(index > position);
    expect(isRefused(stage, `#${other}/server.ts`), `${stage} -> ${other}/server.ts`).toBe(true);
    expect(isRefused(stage, `#${other}/room/thing.ts`), `${stage} -> ${other}/room`).toBe(true);
    expect(isRefused(stage, `../../${other}/types.ts`), `${stage} -> relative`).toBe(true);
  }
  expect(isRefused(stage, '#lib/errors.ts')).toBe(false);
  expect(isRefused(stage, '../thing.ts')).toBe(false);
});

test('lib imports no stage', () => {
  for (const stage of stages) expect(isRefused('lib', `#${stage}/types.ts`)).toBe(true);
  expect(isRefused('lib', './errors.ts')).toBe(false);
});
