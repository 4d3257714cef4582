import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The server itself, before a stage that is told what becomes of the files. */
let house: HttpHouse;
let folder: string;
beforeAll(async () => {
  house = await openHttpHouse();
  folder = join(house.dataDir, 'to-hand-in');
  await mkdir(folder);
});
afterAll(() => house.close());
beforeEach(() => {
  const { uploads, states } = house.ingest;
  uploads.length = 0;
  states.splice(0, states.length, 'running', 'done');
});

function ingest(...args: readonly string[]): Promise<Ran> {
  const port = new URL(house.http.url).port;
  const env = { ...process.env, SIDETONE_DATA_DIR: house.dataDir, SIDETONE_HTTP_PORT: port };
  return new Promise((resolve) => {
    execFile(
      join(import.meta.dirname, '../sidetone'),
      ['ingest', ...args],
      { cwd: folder, env },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

async function file(name: string, bytes = 100): Promise<string> {
  await writeFile(join(folder, name), Buffer.alloc(bytes, name));
  return name;
}

const namesSent = (): string[][] => house.ingest.uploads.map(({ files }) => files.map(({ name }) => name));
const uuid = '[0-9a-f-]{36}';

test('a large file arrives whole, is waited for, and its call, length and rate are told', async () => {
  const { code, stdout, stderr } = await ingest(await file('long.wav', 5_000_000));
  expect([code, stderr]).toEqual([0, '']);
  const sha256 = createHash('sha256').update(Buffer.alloc(5_000_000, 'long.wav')).digest('hex');
  expect(namesSent()).toEqual([['long.wav']]);
  expect(await house.database.ingest.find(sha256)).toMatchObject({ bytes: 5_000_000, sourceName: 'first start' });
  expect(house.ingest.states).toEqual([]);
  expect(stdout).toContain('long.wav: 1 call of 1:05.3, done, 23.4 hours of sound an hour');
  expect(stdout).toMatch(new RegExp(`http://127.0.0.1:\\d+/calls/${uuid}`));
});

test('a pair is one upload, with what was said of it', async () => {
  const at = '2026-11-25T09:30:00+01:00';
  const pair = [await file('a.wav'), await file('b.wav')];
  expect((await ingest('--pair', '--swap', '--started-at', at, '--no-wait', ...pair)).code).toBe(0);
  expect(namesSent()).toEqual([['a.wav', 'b.wav']]);
  expect(house.ingest.uploads).toMatchObject([{ swap: true, startedAtEpochMs: Date.parse(at) }]);
  expect(house.ingest.states).toHaveLength(2);
});

test('one that is refused says where it is broken, and the others are taken all the same', async () => {
  const { code, stdout, stderr } = await ingest(await file('broken.flac'), await file('good.flac'));
  expect(code).toBe(1);
  expect(stderr).toContain('broken.flac: FLAC with a damaged frame (at byte 49156, after 0:00:01.4 of sound)');
  expect(stdout).toContain('good.flac: 1 call');
});

test('one that fails on the way is an exit code and its reason; content that is known is said to be', async () => {
  house.ingest.states.splice(0, 2, 'failed');
  const failed = await ingest(await file('c.wav'));
  expect([failed.code, failed.stderr]).toEqual([1, 'c.wav: failed (ended early: max-duration)\n']);
  const taken = await ingest('--no-wait', await file('known.wav'));
  house.ingest.states.push('done');
  const known = await ingest(await file('known.wav'));
  expect(namesSent(), 'nothing is sent that is there').toEqual([['c.wav'], ['known.wav']]);
  expect(taken.code).toBe(0);
  expect([known.code, known.stdout]).toEqual([0, expect.stringContaining('known.wav: taken before, 1 call')]);
});

test('--json prints one value, of all files', async () => {
  const { stdout } = await ingest('--json', await file('broken.flac'), await file('d.wav'));
  expect(JSON.parse(stdout)).toMatchObject({
    items: [
      { names: ['broken.flac'], state: 'refused' },
      { names: ['d.wav'], state: 'done', callIds: [expect.stringMatching(uuid)], isNew: true, hoursPerHour: 23.44 },
    ],
  });
});

test.each([
  ['a file that is not there', 2, ['nowhere.wav'], /nowhere\.wav: cannot be read/],
  ['a folder', 2, ['.'], /\.: is a folder: give the files in it, \*/],
  ['half a pair', 2, ['--pair', 'a.wav'], /--pair takes two files/],
  ['a time that is none', 2, ['--started-at', 'yesterday', 'a.wav'], /--started-at takes a time/],
  ['no file', 2, [], /missing required argument/],
])('%s: exit code %i', async (_, code, args, message) => {
  const ran = await ingest(...args);
  expect(ran.code).toBe(code);
  expect(ran.stderr).toMatch(message);
  expect(house.ingest.uploads).toEqual([]);
});
