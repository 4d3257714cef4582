import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refundCall } from '#test/dashboards/example-call.ts';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

const callId = '01938f3e-6b7c-7c2a-9d31-000000000001';
let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse();
  await house.store(refundCall(callId, Date.parse('2026-11-20T10:00:00Z')));
});
afterAll(() => house.close());

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
/** The command line in a process of its own, beside the server that this test holds. */
function sidetone(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const env = {
    ...process.env,
    SIDETONE_DATA_DIR: house.dataDir,
    SIDETONE_HTTP_PORT: new URL(house.http.url).port,
    ...environment,
  };
  return new Promise((resolve) => {
    execFile(join(import.meta.dirname, '../sidetone'), args, { cwd: house.dataDir, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

test('a search leads to where people open the pages', async () => {
  const { stdout } = await sidetone(['search', 'refund'], { SIDETONE_PUBLIC_URL: 'https://calls.example' });
  expect(stdout).toContain(`https://calls.example/calls/${callId}?t=`);
});

test('an export arrives as its manifest says', async () => {
  const out = join(house.dataDir, 'handed-over');
  const { code, stderr } = await sidetone(['export', '--call', callId, '--out', out]);
  expect([code, stderr]).toEqual([0, '']);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
    readonly files: readonly { readonly path: string; readonly sha256: string }[];
  };
  expect(readdirSync(out).toSorted()).toEqual([...manifest.files.map(({ path }) => path), 'manifest.json'].toSorted());
  for (const { path, sha256 } of manifest.files)
    expect(
      createHash('sha256')
        .update(readFileSync(join(out, path)))
        .digest('hex'),
    ).toBe(sha256);
});

test('the audit log says which account of this machine used the key of all', async () => {
  const { stdout } = await sidetone(['audit', 'list', '--action', 'call-exported'], { SUDO_USER: 'maria' });
  const account = userInfo().username;
  expect(stdout).toMatch(new RegExp(`first start .*call-exported .*for: ${account} \\(unverified\\)`));
  const { items } = await house.database.audit.list({ action: 'audit-read', limit: 1 });
  expect(items[0]?.entry?.detail).toMatchObject({ onBehalfOf: { name: `maria as ${account}`, verified: false } });
});

test('an action that there is not is refused, with those that there are', async () => {
  const { code, stderr } = await sidetone(['audit', 'list', '--action', 'NONSENSE']);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/no such action; there are .*call-opened.*search-run/)]);
});

test('what others typed cannot steer the terminal', async () => {
  await house.ask(`/api/v1/search?q=${encodeURIComponent('\u001B]0;owned\u0007')}`, 'reader');
  const { stdout } = await sidetone(['audit', 'list', '--action', 'search-run', '--limit', '1']);
  expect(stdout).toContain('owned');
  expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('rules are tried over all that is stored', async () => {
  const { stdout } = await sidetone(['rules', 'dry-run', '--json']);
  const findings = JSON.parse(stdout) as readonly { readonly ruleId: string; readonly callId: string }[];
  expect(findings).toContainEqual(expect.objectContaining({ ruleId: 'refund-request', callId }));
});
