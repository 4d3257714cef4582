import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openBench } from './testing/bench.ts';
import { RawUa } from './testing/raw-ua.ts';

const hasSipp = spawnSync('sipp', ['-v']).error === undefined;
const scenarios = resolve(import.meta.dirname, 'siprec/scenarios');

/** A port that was free a moment ago: sipp cannot tell which one it got. */
async function freePort(): Promise<number> {
  const ua = await RawUa.open();
  const { port } = ua;
  await ua.close();
  return port;
}

/** Runs a scenario once. @returns sipp's complaint; empty when every message was as the scenario says */
async function sipp(name: string, serverPort: number, transport: 'u1' | 't1'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sidetone-sipp-'));
  const own = [
    '-i',
    '127.0.0.1',
    '-p',
    String(await freePort()),
    '-nostdin',
    '-trace_err',
    '-error_file',
    'errors.log',
  ];
  const args = ['-sf', join(scenarios, `${name}.xml`), '-m', '1', '-s', 'recorder', '-t', transport, '-timeout', '20s'];
  try {
    return await new Promise((done) => {
      execFile(
        'sipp',
        [...args, ...own, `127.0.0.1:${serverPort}`],
        { cwd: folder, timeout: 30_000 },
        (error, _out, errors) => {
          done(error === null ? '' : `${error.message}\n${errors}`);
        },
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const two = ['caller sip:ann@example.com', 'callee sip:bob@example.com'];
const table: readonly {
  readonly name: string;
  readonly parties: readonly string[];
  readonly notes: readonly string[];
}[] = [
  { name: 'oracle', parties: two, notes: ['hold callee', 'hold caller', 'resume callee', 'resume caller'] },
  { name: 'cube', parties: [...two, 'callee sip:cat@example.com'], notes: [] },
  {
    name: 'broadworks',
    parties: two,
    notes: ['hold caller', 'hold callee', 'paused siprec', 'resume caller', 'resume callee', 'resumed siprec'],
  },
  { name: 'metaswitch', parties: ['mixed sip:ann@example.com', 'mixed sip:bob@example.com'], notes: [] },
  { name: 'avaya', parties: two, notes: [] },
  { name: 'sonus', parties: two, notes: [] },
  { name: 'opensips', parties: two, notes: [] },
  { name: 'audiocodes', parties: [...two, 'other sip:cat@example.com'], notes: ['stream-ended other'] },
  { name: 'sems', parties: ['caller null', 'callee null'], notes: ['metadata-missing plain'] },
  { name: 'jambonz', parties: two, notes: [] },
  { name: 'cucm', parties: ['callee sip:src@127.0.0.1'], notes: ['metadata-missing plain'] },
  { name: 'g729-only', parties: [], notes: [] },
];

test.skipIf(!hasSipp).each(table)('sipp as $name', async ({ name, parties, notes }) => {
  const bench = await openBench({ siprec: { users: name === 'cucm' ? ['recorder'] : [] } });
  try {
    for (const [run, transport] of (['u1', 't1'] as const).entries()) {
      bench.events.length = 0;
      const port = bench.server.bindings.find((each) => each.transport === (run === 0 ? 'udp' : 'tcp'))?.port ?? 0;
      expect(await sipp(name, port, transport)).toBe('');
      await bench.server.whenIdle();
      const lists = bench.events.flatMap((each) =>
        each.type === 'ringing' || each.type === 'parties' ? [each.parties] : [],
      );
      expect((lists.at(-1) ?? []).map(({ side, uri }) => `${side} ${uri}`).sort()).toEqual([...parties].sort());
      expect(bench.events.flatMap((each) => (each.type === 'note' ? [`${each.note} ${each.detail}`] : []))).toEqual(
        notes,
      );
      const ends = bench.events.flatMap((each) => (each.type === 'ended' ? [each.termination.reason] : []));
      expect(ends).toEqual(parties.length === 0 ? [] : ['sender-ended']);
    }
  } finally {
    await bench.close();
  }
});
