import { execFile, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBench } from './testing/bench.ts';
import { RawUa } from './testing/raw-ua.ts';

const hasSipp = spawnSync('sipp', ['-v']).error === undefined;

/** A port that was free a moment ago: sipp cannot tell which one it got. */
async function freePort(): Promise<number> {
  const ua = await RawUa.open();
  const { port } = ua;
  await ua.close();
  return port;
}

function sipp(folder: string, args: readonly string[]): { child: ChildProcess; done: Promise<number> } {
  let child: ChildProcess | undefined;
  const done = new Promise<number>((resolve) => {
    child = execFile('sipp', ['-i', '127.0.0.1', '-nostdin', ...args], { cwd: folder, timeout: 50_000 }, (error) => {
      resolve(error === null ? 0 : typeof error.code === 'number' ? error.code : -1);
    });
  });
  return { child: child as ChildProcess, done };
}

test.skipIf(!hasSipp)('sipp calls sipp through the server: 150 calls, none fails', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sidetone-sipp-'));
  const calleePort = await freePort();
  const bench = await openBench({ routes: [{ to: `sip:$0@127.0.0.1:${calleePort}` }] });
  const uas = sipp(folder, ['-sn', 'uas', '-p', String(calleePort)]);
  try {
    const uac = sipp(folder, [
      '-sn',
      'uac',
      '-p',
      String(await freePort()),
      '-s',
      '200',
      '-r',
      '50',
      '-m',
      '150',
      '-d',
      '200',
      '-timeout',
      '40s',
      `127.0.0.1:${bench.port}`,
    ]);
    expect(await uac.done).toBe(0);
    await bench.server.whenIdle();
    const reasons = bench.events.flatMap((event) => (event.type === 'ended' ? [event.termination.reason] : []));
    expect(reasons).toHaveLength(150);
    expect(new Set(reasons)).toEqual(new Set(['caller-hung-up']));
  } finally {
    uas.child.kill('SIGKILL');
    await uas.done;
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  }
});
