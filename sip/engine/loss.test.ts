import { createSocket, type Socket } from 'node:dgram';
import { expect, test } from 'vitest';
import { delay, TestApp } from './testing/app.ts';

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

/** Carries datagrams between two ports and loses about one in ten, the same ones in every run. */
async function lossyWire(
  callerPort: number,
  calleePort: number,
): Promise<{ toCallee: Socket; toCaller: Socket; lost: () => number }> {
  let state = 20_261_125;
  let lost = 0;
  const keeps = (): boolean => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const keep = state / 2 ** 32 >= 0.1;
    if (!keep) lost += 1;
    return keep;
  };
  const toCallee = await bound();
  const toCaller = await bound();
  toCallee.on('message', (bytes) => {
    if (keeps()) toCaller.send(bytes, calleePort, '127.0.0.1');
  });
  toCaller.on('message', (bytes) => {
    if (keeps()) toCallee.send(bytes, callerPort, '127.0.0.1');
  });
  return { toCallee, toCaller, lost: () => lost };
}

test('every call is set up and ended over a wire that loses one datagram in ten', async () => {
  const caller = await TestApp.start();
  const callee = await TestApp.start();
  const wire = await lossyWire(caller.port, callee.port);
  const calleeContact = `<sip:bob@127.0.0.1:${wire.toCallee.address().port}>`;
  const callerContact = `<sip:alice@127.0.0.1:${wire.toCaller.address().port}>`;
  const ended = new Set<string>();
  callee.on('invite', (request, response) => {
    response.send(180);
    const answer = { localSdp: 'v=0\r\n', headers: { Contact: calleeContact } };
    void callee.srf
      .createUAS(request, response, answer)
      .then((dialog) => dialog.on('destroy', () => ended.add(dialog.id)));
  });
  const calls = Array.from({ length: 60 }, async () => {
    const uri = `sip:bob@127.0.0.1:${wire.toCallee.address().port}`;
    const dialog = await caller.srf.createUAC(uri, { localSdp: 'v=0\r\n', headers: { Contact: callerContact } });
    expect((await dialog.request({ method: 'OPTIONS' })).status).toBe(200);
    await dialog.destroy();
  });
  await Promise.all(calls);
  while (ended.size < 60) await delay(10);
  expect(wire.lost()).toBeGreaterThan(20);
  expect(await caller.metric('sidetone_sip_timeouts_total{kind="request"}')).toBe(0);
  expect(await callee.metric('sidetone_sip_timeouts_total{kind="ack"}')).toBe(0);
  expect(await caller.metric('sidetone_sip_retransmissions_total')).toBeGreaterThan(10);
  wire.toCallee.close();
  wire.toCaller.close();
  await caller.close();
  await callee.close();
});
