/**
 * CPU of call set-up: sipp calls through a whole Sidetone to a sipp that answers, beside sipp calling a bare
 * drachtio-srf answerer on the same engine. Prints JSON.
 *
 *     node bench/sip-setup.ts [--seconds 10]
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { repository, TestServer } from '../test/server.ts';
import { childrenOf, cpuMs } from './process-cpu.ts';
import { runSippCaller, startSippAnswerer } from './sipp.ts';

const rates = [100, 300];
const answererPort = 25_060;
const callerPort = 25_160;
const rtpPorts = '12000-24999';
const holdMs = 500;

interface Measured {
  readonly callsPerSecond: number;
  readonly calls: number;
  readonly failed: number;
  readonly cpuMsPerCall: number;
  readonly childrenCpuMsPerCall: number;
}

async function measure(target: string, pid: number, seconds: number): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const callsPerSecond of rates) {
    const children = childrenOf(pid);
    const childrenCpu = (): number => children.reduce((sum, child) => sum + cpuMs(child), 0);
    const before = { own: cpuMs(pid), children: childrenCpu() };
    const run = await runSippCaller({
      target,
      port: callerPort,
      callsPerSecond,
      calls: callsPerSecond * seconds,
      holdMs,
    });
    measured.push({
      callsPerSecond,
      calls: run.calls,
      failed: run.failed,
      cpuMsPerCall: round((cpuMs(pid) - before.own) / run.calls),
      childrenCpuMsPerCall: round((childrenCpu() - before.children) / run.calls),
    });
  }
  return measured;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const seconds = Number(values.seconds);

const bare = spawn(process.execPath, ['bench/bare-answerer.ts'], {
  cwd: repository,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [port] = (await once(createInterface({ input: bare.stdout }), 'line')) as [string];
const bareFigures = await measure(`127.0.0.1:${port}`, bare.pid ?? 0, seconds);
bare.kill();

const answerer = startSippAnswerer(answererPort);
const server = await TestServer.start({
  yaml: `routes: [{to: "sip:$0@127.0.0.1:${answererPort}"}]\nrtp: {ports: ${rtpPorts}, quarantineS: 0}\nasr: {processes: 0}\n`,
  environment: { SIDETONE_SIP_PORT: '25260' },
});
await server.ready();
const sidetoneFigures = await measure('127.0.0.1:25260', server.pid, seconds);
const stored = await server.json<{ items: unknown[] }>('/api/v1/calls?limit=1');
await server.close();
answerer.kill('SIGKILL');

process.stdout.write(
  `${JSON.stringify(
    {
      bench: 'sip-setup',
      rtpPorts,
      database: 'PGlite',
      rowsPerCall: 'one call, two parties',
      storedCalls: stored.items.length > 0,
      bare: bareFigures,
      sidetone: sidetoneFigures,
      ratio: rates.map((_, index) =>
        round((sidetoneFigures[index]?.cpuMsPerCall ?? NaN) / (bareFigures[index]?.cpuMsPerCall ?? NaN)),
      ),
    },
    null,
    2,
  )}\n`,
);
process.exit(0);
