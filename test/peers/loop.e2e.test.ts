import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { Call } from '#analytics/types.ts';
import { Phone } from '../../cli/softphone/phone.ts';
import { TestServer, waitFor } from '../server.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

async function start(port: number, targets: readonly string[]): Promise<TestServer> {
  const server = await TestServer.start({
    yaml: JSON.stringify({ sip: { port }, routes: [{ to: targets }], asr: { processes: 0 } }),
    environment: { SIDETONE_SIP_PORT: String(port) },
  });
  servers.push(server);
  await server.ready();
  return server;
}

/** Each hop lowers Max-Forwards, so the 70 that a phone sends end in 483, which no hop takes for a reason to go on. */
test.each(['itself', 'a trunk that sends every call back'])(
  'a server that routes to %s: the call ends',
  async (way) => {
    const [own, other] = [await freePort(), await freePort()];
    const next = way === 'itself' ? own : other;
    // A second target makes the loop a tree, should any refusal on the way be taken for a dead target.
    const server = await start(own, [`sip:$0@127.0.0.1:${next}`, `sip:$0@127.0.0.1:${next}`]);
    if (next === other) await start(other, [`sip:$0@127.0.0.1:${own}`]);
    const phone = await Phone.start({ address: '127.0.0.1', transport: 'udp' });
    await expect(phone.call('sip:round@127.0.0.1', server.sip)).rejects.toThrow('483');
    await phone.close();
    const hops = next === own ? 70 : 35;
    const calls = await waitFor('the calls of the loop to be stored', async () => {
      const { items } = await server.json<{ items: Call[] }>('/api/v1/calls?limit=200');
      return items.length >= hops && items.every(({ state }) => state === 'ended') ? items : undefined;
    });
    expect(calls).toHaveLength(hops);
    expect(new Set(calls.map(({ termination }) => termination?.reason))).toEqual(new Set(['too-many-hops']));
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^sidetone_sip_calls_active 0$/m);
  },
);
