import busboy from 'busboy';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

const callId = '01938f3e-6b7c-7c2a-9d31-0f5f1f6f8a11';

interface Upload {
  readonly fields: Record<string, string>;
  readonly files: { readonly name: string; readonly sha256: string; readonly bytes: number }[];
}
interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Answers as the API is described, and keeps what it was sent. */
let server: Server;
let folder: string;
let uploads: Upload[];
/** The states that an upload goes through, as it is asked about. */
let states: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidetone-cli-ingest-'));
  await writeFile(join(folder, 'admin-key'), 'a-key\n');
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  uploads = [];
  states = ['running', 'done'];
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const upload = uploads.at(-1);
  if (request.headers.authorization !== 'Bearer a-key') send(401, problem('unauthenticated', 'who is it?'));
  else if (request.method === 'POST') {
    const came = await readUpload(request);
    uploads.push(came);
    if (came.files.some(({ name }) => name === 'broken.flac')) {
      send(422, problem('unsupported-audio', 'FLAC with a damaged frame (at byte 1234, after 0:00:01.5 of sound)'));
    } else send(202, { items: [{ ...item(came, 'waiting'), isNew: true }] });
  } else if (upload !== undefined && request.url === `/api/v1/ingest/${upload.files[0]?.sha256}`) {
    send(200, item(upload, states.shift() ?? 'done'));
  } else send(404, problem('not-found', 'no such thing'));
}

const problem = (code: string, detail: string): object => ({ type: '', title: '', status: 0, code, detail });

function item({ files }: Upload, state: string): object {
  return {
    sha256: files[0]?.sha256,
    names: files.map(({ name }) => name),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    sourceName: 'admin key',
    callIds: [callId],
    state,
    takenAt: '2026-11-25T09:30:00Z',
    durationMs: 65_300,
    doneMs: state === 'done' ? 65_300 : 0,
    hoursPerHour: state === 'waiting' ? null : 23.44,
    fault: state === 'failed' ? 'ended early: max-duration' : null,
  };
}

function readUpload(request: IncomingMessage): Promise<Upload> {
  const upload: Upload = { fields: {}, files: [] };
  return new Promise((resolve, reject) => {
    const form = busboy({ headers: request.headers });
    form.on('field', (name, value) => (upload.fields[name] = value ?? ''));
    form.on('file', (field, stream, { filename }) => {
      expect(field).toBe('file');
      const hash = createHash('sha256');
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
      });
      stream.on('end', () => upload.files.push({ name: filename ?? '', sha256: hash.digest('hex'), bytes }));
    });
    form.on('close', () => resolve(upload)).on('error', reject);
    request.pipe(form);
  });
}

function ingest(...args: readonly string[]): Promise<Ran> {
  const port = String((server.address() as AddressInfo).port);
  const env = { ...process.env, SIDETONE_DATA_DIR: folder, SIDETONE_HTTP_PORT: port };
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

test('a large file arrives whole, is waited for, and its call, length and rate are told', async () => {
  const { code, stdout, stderr } = await ingest(await file('long.wav', 5_000_000));
  expect([code, stderr]).toEqual([0, '']);
  const sha256 = createHash('sha256').update(Buffer.alloc(5_000_000, 'long.wav')).digest('hex');
  expect(uploads).toEqual([{ fields: {}, files: [{ name: 'long.wav', sha256, bytes: 5_000_000 }] }]);
  expect(states).toEqual([]);
  expect(stdout).toContain('long.wav: 1 call of 1:05.3, done, 23.4 hours of sound an hour');
  expect(stdout).toMatch(new RegExp(`http://127.0.0.1:\\d+/calls/${callId}`));
});

test('a pair is one upload, with what was said of it', async () => {
  const at = '2026-11-25T09:30:00+01:00';
  const pair = [await file('a.wav'), await file('b.wav')];
  expect((await ingest('--pair', '--swap', '--started-at', at, '--no-wait', ...pair)).code).toBe(0);
  expect(uploads.map(({ fields, files }) => [fields, files.map(({ name }) => name)])).toEqual([
    [{ pair: 'true', swap: 'true', startedAt: at }, ['a.wav', 'b.wav']],
  ]);
  expect(states).toHaveLength(2);
});

test('one that is refused says where it is broken, and the others are taken all the same', async () => {
  const { code, stdout, stderr } = await ingest(await file('broken.flac'), await file('good.flac'));
  expect(code).toBe(1);
  expect(stderr).toContain('broken.flac: FLAC with a damaged frame (at byte 1234, after 0:00:01.5 of sound)');
  expect(stdout).toContain('good.flac: 1 call');
});

test('one that fails on the way is an exit code and its reason; content that is known is said to be', async () => {
  states = ['failed'];
  const failed = await ingest(await file('c.wav'));
  expect([failed.code, failed.stderr]).toEqual([1, 'c.wav: failed (ended early: max-duration)\n']);
  const sent = uploads.length;
  const known = await ingest(await file('c.wav'));
  expect(uploads, 'nothing is sent that is there').toHaveLength(sent);
  expect([known.code, known.stdout]).toEqual([0, expect.stringContaining('c.wav: taken before, 1 call')]);
});

test('--json prints one value, of all files', async () => {
  const { stdout } = await ingest('--json', await file('broken.flac'), await file('d.wav'));
  expect(JSON.parse(stdout)).toMatchObject({
    items: [
      { names: ['broken.flac'], state: 'refused' },
      { names: ['d.wav'], state: 'done', callIds: [callId], isNew: true, hoursPerHour: 23.44 },
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
  expect(uploads).toEqual([]);
});
