import { spawnSync, type ChildProcess } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import type { Call } from '#analytics/types.ts';
import { runSippCaller, startSippAnswerer, type SippRun } from '../../bench/sipp.ts';
import { TestServer, waitFor } from '../server.ts';
import { freePort } from './free-port.ts';

const hasSipp = spawnSync('sipp', ['-v']).error === undefined;
const transports = ['udp', 'tcp'] as const;
type Transport = (typeof transports)[number];
const callsEach = 200;

let server: TestServer;
const answerers: ChildProcess[] = [];
afterEach(async () => {
  for (const answerer of answerers) answerer.kill('SIGKILL');
  await server.close();
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `) || each.startsWith(`${name}{`));
  return Number(line?.split(' ').at(-1));
}

/** Every call on record. */
async function storedCalls(): Promise<readonly Call[]> {
  const items: Call[] = [];
  for (let after: string | null = ''; after !== null;) {
    const page: { items: Call[]; next: string | null } = await server.json(`/api/v1/calls?limit=200&after=${after}`);
    items.push(...page.items);
    after = page.next;
  }
  return items;
}

test.skipIf(!hasSipp)(
  'sipp calls sipp through the whole server over UDP and over TCP, 200 calls each at 20 a second: none fails, all are kept (sipp)',
  async () => {
    const ports = { udp: await freePort(), tcp: await freePort() };
    server = await TestServer.start({
      yaml: JSON.stringify({
        routes: transports.map((transport) => ({
          match: `^${transport}$`,
          to: `sip:$0@127.0.0.1:${ports[transport]};transport=${transport}`,
        })),
        asr: { processes: 0 },
      }),
    });
    await server.ready();
    answerers.push(...transports.map((transport) => startSippAnswerer(ports[transport], transport)));
    const run = async (transport: Transport): Promise<SippRun> =>
      runSippCaller({
        target: server.sip,
        transport,
        user: transport,
        port: await freePort(),
        callsPerSecond: 20,
        calls: callsEach,
        holdMs: 500,
      });
    for (const result of await Promise.all(transports.map(run))) {
      expect(result).toMatchObject({ calls: callsEach, failed: 0 });
    }
    const calls = transports.length * callsEach;
    const stored = await waitFor('every call to be stored', async () => {
      const found = await storedCalls();
      return found.length === calls && found.every(({ state }) => state === 'ended') ? found : undefined;
    });
    for (const { termination, sipCallIds } of stored) {
      expect(termination).toEqual({ result: 'completed', reason: 'caller-hung-up', sipStatus: null });
      expect(sipCallIds).toHaveLength(2);
    }
    expect(await metric('sidetone_sip_calls_active')).toBe(0);
    expect(await metric('sidetone_sip_calls_ended_total')).toBe(calls);
    expect(server.logText).not.toContain('"level":50');
  },
);
