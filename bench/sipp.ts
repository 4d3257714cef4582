import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SippRun {
  readonly calls: number;
  readonly failed: number;
  readonly wallS: number;
}

/** sipp's built-in caller: INVITE, ACK, `holdMs` of silence, BYE. Resolves when all calls are over. */
export async function runSippCaller(options: {
  readonly target: string;
  /** Default UDP. */
  readonly transport?: 'udp' | 'tcp';
  /** User part that is dialled; sipp's own default is `service`. */
  readonly user?: string;
  readonly port: number;
  readonly callsPerSecond: number;
  readonly calls: number;
  readonly holdMs: number;
}): Promise<SippRun> {
  const dir = mkdtempSync(join(tmpdir(), 'sidetone-sipp-'));
  const startMs = performance.now();
  try {
    const args = [
      ...['-sn', 'uac', '-i', '127.0.0.1', '-p', String(options.port), '-mi', '127.0.0.1'],
      ...['-s', options.user ?? 'service'],
      ...transportArgs(options.transport),
      ...['-r', String(options.callsPerSecond), '-m', String(options.calls), '-l', '20000'],
      ...['-d', String(options.holdMs), '-nostdin', '-trace_stat', '-fd', '1', '-timeout', '120'],
      options.target,
    ];
    const child = spawn('sipp', args, { cwd: dir, stdio: 'ignore' });
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => resolve());
    });
    const wallS = (performance.now() - startMs) / 1000;
    return { ...readStatistics(dir), wallS };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** sipp's built-in answerer on a port, until killed. */
export function startSippAnswerer(port: number, transport?: 'udp' | 'tcp'): ChildProcess {
  const args = ['-sn', 'uas', '-i', '127.0.0.1', '-p', String(port), '-mi', '127.0.0.1', '-nostdin'];
  return spawn('sipp', [...args, ...transportArgs(transport)], { stdio: 'ignore', cwd: tmpdir() });
}

/** One socket for all calls, which is how a trunk behaves. */
function transportArgs(transport: 'udp' | 'tcp' = 'udp'): readonly string[] {
  return ['-t', transport === 'tcp' ? 't1' : 'u1'];
}

function readStatistics(dir: string): { readonly calls: number; readonly failed: number } {
  const file = readdirSync(dir).find((name) => name.endsWith('.csv'));
  if (file === undefined) throw new Error('sipp left no statistics');
  const [head = '', ...rows] = readFileSync(join(dir, file), 'utf8').trim().split('\n');
  const last = (rows.at(-1) ?? '').split(';');
  const value = (name: string): number => Number(last[head.split(';').indexOf(name)] ?? NaN);
  return { calls: value('SuccessfulCall(C)'), failed: value('FailedCall(C)') };
}
