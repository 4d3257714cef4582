import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { postgresKinds } from '#test/postgres.ts';

const dir = mkdtempSync(join(tmpdir(), 'st-doctor-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** `doctor` below holds this process up while it runs: who is to answer must be another one. */
const answererOfOptions = `
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (data, from) => {
    const kept = data.toString().split('\\r\\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
    socket.send(['SIP/2.0 200 OK', ...kept, 'Content-Length: 0', '', ''].join('\\r\\n'), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1', () => console.log(socket.address().port));`;

interface Check {
  readonly name: string;
  readonly state: string;
  readonly detail: string;
}
function doctor(environment: Readonly<Record<string, string>>, name: string): Check | undefined {
  const { stdout } = spawnSync(join(import.meta.dirname, '../sidetone'), ['doctor', '--json'], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, SIDETONE_HTTP_PORT: '0', SIDETONE_SIP_PORT: '0', ...environment },
  });
  return (JSON.parse(stdout) as readonly Check[]).find((check) => check.name === name);
}

test('a proxy without a public URL is pointed out', () => {
  expect(doctor({ SIDETONE_HTTP_TLS_PROXY: 'true' }, 'public URL')?.state).toBe('warning');
  const told = { SIDETONE_HTTP_TLS_PROXY: 'true', SIDETONE_PUBLIC_URL: 'https://calls.example' };
  expect(doctor(told, 'public URL')).toBeUndefined();
});

test('a data directory is to be made, is ours, or is that of another user', () => {
  const dataDir = join(dir, 'data-of-somebody');
  const check = () => doctor({ SIDETONE_DATA_DIR: dataDir }, 'data directory');
  expect(check()).toMatchObject({ state: 'ok', detail: expect.stringContaining('at the first start') as string });
  mkdirSync(dataDir);
  expect(check()).toMatchObject({ state: 'ok', detail: expect.stringContaining('ours to write') as string });
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(dataDir, 65_534, 65_534);
  else chmodSync(dataDir, 0o500);
  expect(check()).toMatchObject({ state: isRoot ? 'warning' : 'wrong' });
});

test('a PostgreSQL that is not there is wrong, and its address and password are not told', () => {
  const check = doctor({ DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:9/x' }, 'database');
  expect(check).toEqual({ name: 'database', state: 'wrong', detail: 'cannot be reached: ECONNREFUSED' });
});

test('a port that another program has is told of, with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const check = doctor({ SIDETONE_HTTP_PORT: String(port) }, 'HTTP');
  other.close();
  expect(check).toMatchObject({ state: 'wrong' });
  expect(check?.detail).toContain('another program has it');
});

test('targets are asked by OPTIONS: one answers, one does not, one has no address', async () => {
  const phone = spawn(process.execPath, ['-e', answererOfOptions], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [heard] = (await once(phone.stdout, 'data')) as [Buffer];
  const port = Number(heard.toString());
  const to = [`sip:$0@127.0.0.1:${port}`, 'sip:$0@127.0.0.1:9', 'sip:$0@host.invalid'];
  writeFileSync(join(dir, 'sidetone.yaml'), JSON.stringify({ routes: [{ to }] }));
  const states = [`127.0.0.1:${port}`, '127.0.0.1:9', 'host.invalid:5060'].map(
    (target) => doctor({}, `target ${target} (udp)`)?.state,
  );
  phone.kill();
  rmSync(join(dir, 'sidetone.yaml'));
  expect(states).toEqual(['ok', 'warning', 'wrong']);
});

test('servers that the configuration names and that are not there are wrong', () => {
  expect(doctor({ SIDETONE_RTPENGINE: '127.0.0.1:9' }, 'rtpengine')?.state).toBe('wrong');
  const drachtio = doctor({ SIDETONE_DRACHTIO: '127.0.0.1:9:hunter2' }, 'drachtio');
  expect(drachtio).toMatchObject({ state: 'wrong' });
  expect(drachtio?.detail).not.toContain('hunter2');
  expect(doctor({ SIDETONE_ADVERTISE_ADDRESS: '0.0.0.0' }, 'advertised address')?.state).toBe('wrong');
  expect(doctor({}, 'model')?.state).toBe('ok');
});

test('a CDR file of another layout, or from the future, is wrong', () => {
  const file = join(dir, 'cdr.csv');
  const check = (layout: string, start: string): string | undefined => {
    const columns = { start: 'when', caller: 'who', talkedS: 'long' };
    const cdr = [{ path: file, sourceName: 'pbx', layout, ...(layout === 'columns' ? { columns } : {}) }];
    writeFileSync(join(dir, 'sidetone.yaml'), JSON.stringify({ assurance: { cdr } }));
    writeFileSync(file, `when,who,long\n${start},204,60\n`);
    const found = doctor({}, 'CDRs of pbx');
    rmSync(join(dir, 'sidetone.yaml'));
    return found?.state;
  };
  expect(check('columns', '2026-01-01 10:00:00')).toBe('ok');
  expect(check('columns', '2199-01-01 10:00:00')).toBe('wrong');
  expect(check('asterisk', '2026-01-01 10:00:00')).toBe('wrong');
});

test.skipIf(!postgresKinds[0]?.available)('a PostgreSQL that answers says which it is', async () => {
  const server = await postgresKinds[0]!.start();
  try {
    const check = doctor({ DATABASE_URL: await server.createDatabase() }, 'database');
    expect(check).toEqual({ name: 'database', state: 'ok', detail: 'PostgreSQL 15 answers' });
  } finally {
    await server.close();
  }
});
