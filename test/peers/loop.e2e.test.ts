import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call } from '#analytics/types.ts';
import { Phone } from '../../cli/softphone/phone.ts';
import { TestServer, waitFor } from '../server.ts';
import { freePort } from './free-port.ts';

let server: TestServer;
let other: TestServer;

const start = (port: number, routes: readonly object[]): Promise<TestServer> =>
  TestServer.start({
    yaml: JSON.stringify({ routes, asr: { processes: 0 } }),
    environment: { SIDETONE_SIP_PORT: String(port) },
  });

beforeAll(async () => {
  const [own, others] = [await freePort(), await freePort()];
  // A second target makes the loop a tree, should any refusal on the way be taken for a dead target.
  const twice = (port: number): readonly string[] => [`sip:$0@127.0.0.1:${port}`, `sip:$0@127.0.0.1:${port}`];
  [server, other] = await Promise.all([
    start(own, [{ match: '^itself$', to: twice(own) }, { to: twice(others) }]),
    start(others, [{ to: twice(own) }]),
  ]);
  await Promise.all([server.ready(), other.ready()]);
});
afterAll(() => Promise.all([server.close(), other.close()]));

/** Each hop lowers Max-Forwards, so the 70 that a phone sends end in 483, which no hop takes for a reason to go on. */
test.each([
  ['itself', 70],
  ['a-trunk-that-sends-it-back', 35],
] as const)('a server that routes a call to %s: the call ends after 70 hops', async (dialled, ownHops) => {
  const phone = await Phone.start({ address: '127.0.0.1', transport: 'udp' });
  await expect(phone.call(`sip:${dialled}@127.0.0.1`, server.sip)).rejects.toThrow('483');
  await phone.close();
  const calls = await waitFor('the calls of the loop to be stored', async () => {
    const { items } = await server.json<{ items: Call[] }>(`/api/v1/calls?limit=200&party=${dialled}`);
    return items.length >= ownHops && items.every(({ state }) => state === 'ended') ? items : undefined;
  });
  expect(calls).toHaveLength(ownHops);
  expect(new Set(calls.map(({ termination }) => termination?.reason))).toEqual(new Set(['too-many-hops']));
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/^sidetone_sip_calls_active 0$/m);
});
