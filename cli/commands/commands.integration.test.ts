import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SidetoneError } from '#lib/errors.ts';
import { exampleRow, refundCall } from '#test/dashboards/example-call.ts';
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

test('a running call is paused and resumed; one that is over is not, and the exit code says so', async () => {
  const liveId = callId.replace(/1$/, '2');
  house.live.tell({ type: 'call', call: exampleRow(liveId, Date.now(), { state: 'active' }) });
  house.control.running.add(liveId);
  expect(await sidetone(['pause', liveId])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Paused/) as string,
  });
  const resumed = await sidetone(['resume', '--json', liveId]);
  expect(JSON.parse(resumed.stdout)).toEqual({ callId: liveId, paused: false });
  expect(house.control.pauses.map(([, paused]) => paused)).toEqual([true, false]);
  expect(await sidetone(['pause', callId])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('over') as string,
  });
});

test('a copy from rtpengine is asked for; what it says no with is told', async () => {
  house.control.rtpengine = { callId };
  const args = ['fork', 'rtpengine', 'abc@proxy', '--from-tag', 'f'];
  expect((await sidetone(args)).stdout).toContain(`/calls/${callId}`);
  expect(house.control.asked).toEqual([{ sipCallId: 'abc@proxy', fromTag: 'f' }]);
  house.control.rtpengine = new SidetoneError('conflict', 'the call is not answered');
  expect(await sidetone(args)).toEqual({ code: 1, stdout: '', stderr: 'sidetone: the call is not answered\n' });
});

test('sources are a table, what was refused with its remedy, and the last dialog of one', async () => {
  const at = Date.parse('2026-11-25T09:00:00Z');
  const before = {
    source: 'audiosocket',
    sourceName: 'sbc',
    firstSeenEpochMs: at,
    lastSeenEpochMs: at,
    addresses: [],
    callsNow: 0,
    calls: 0,
    refused: [],
    remarks: [],
    ladder: [],
    lastCallId: null,
  } as const;
  house.sources.states = [
    before,
    {
      source: 'siprec',
      sourceName: 'sbc',
      firstSeenEpochMs: at,
      lastSeenEpochMs: at,
      addresses: ['192.0.2.10:5060'],
      callsNow: 1,
      calls: 7,
      refused: [{ reason: 'no-codec', remedy: 'Offer G.711.', count: 2, lastEpochMs: at }],
      remarks: [{ reason: 'metadata-missing', remedy: 'Send it.', count: 3, lastEpochMs: at, lastCallId: callId }],
      ladder: [
        {
          atEpochMs: at,
          direction: 'received',
          peer: '192.0.2.10:5060',
          transport: 'tcp',
          summary: 'INVITE',
          text: 'INVITE sip:x SIP/2.0\r\nCall-ID: 1',
        },
      ],
      lastCallId: null,
    },
  ];
  const { stdout } = await sidetone(['sources']);
  expect(stdout).toMatch(/siprec +sbc +2026-11-25T09:00:00.000Z +1 +7 +2 /);
  expect(stdout).toContain('\n\nsiprec sbc, refused:\n  2 x no-codec: Offer G.711.\n');
  expect(stdout).toContain('\n\nsiprec sbc, taken with something amiss:\n  3 x metadata-missing: Send it.\n');
  const ladder = await sidetone(['sources', '--ladder', 'sbc']);
  expect(ladder.stdout).toContain(
    'siprec:\n2026-11-25T09:00:00.000Z <- 192.0.2.10:5060 tcp  INVITE\n    INVITE sip:x SIP/2.0\n',
  );
  expect((await sidetone(['sources', '--ladder', 'nobody'])).code).toBe(3);
});

test('whether the sound is all there: by source, and below the target the exit code is 1', async () => {
  const asked = ['assurance', '--from', '2026-11-01T00:00:00Z', '--to', '2026-12-01T00:00:00Z'];
  const good = await sidetone(asked);
  expect(good).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/b2bua +head-office +1 +1 +0 +0 +0 +100.0 %/) as string,
  });
  const { call } = refundCall(callId, Date.parse('2026-11-20T10:00:00Z'));
  const assurance = { verdict: 'partial', reason: 'stream-gaps', streams: [] } as const;
  house.database.store.write({ op: 'call', call: { ...call, completeness: 'partial', assurance } });
  await house.database.flush();
  const bad = await sidetone([...asked, '--days']);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toMatch(/b2bua +head-office +2026-11-20 +1 +0 +1 /);
  expect(bad.stdout).toMatch(new RegExp(`partial: .*head-office, stream-gaps .*/calls/${callId}`));
});
