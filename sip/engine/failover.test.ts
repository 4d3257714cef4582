import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { delay, TestApp } from './testing/app.ts';
import { udpPeer } from './testing/peer.ts';
import { responseText } from './testing/texts.ts';

/** A name server that knows one answer: every name has the addresses 127.0.0.2 and 127.0.0.1, in this order. */
const nameServer = createSocket('udp4');
let nameServers: string[];
beforeAll(async () => {
  nameServer.on('message', (query, from) => {
    const answer = (address: number[]): number[] => [0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address];
    const end = query.indexOf(0, 12) + 5;
    const head = Buffer.from(query.subarray(0, end));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(2, 6);
    head.writeUInt32BE(0, 8);
    nameServer.send(
      Buffer.concat([head, Buffer.from([...answer([127, 0, 0, 2]), ...answer([127, 0, 0, 1])])]),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((resolve) => nameServer.bind(0, '127.0.0.1', resolve));
  nameServers = [`127.0.0.1:${nameServer.address().port}`];
});
afterAll(() => {
  nameServer.close();
});

test('the next address has its turn when one is silent; what that says late is ended', async () => {
  const app = await TestApp.start({ host: '0.0.0.0', nameServers });
  const second = await udpPeer(app.port);
  const first = await udpPeer(app.port, '127.0.0.2', second.port);
  const call = await app.send({ method: 'INVITE', uri: `sip:bob@two.example:${second.port}`, body: 'v=0\r\n' });
  const early = await first.request('INVITE');
  const heard = await second.request('INVITE');
  expect(heard.callId).toBe(early.callId);
  expect(heard.via.branch).not.toBe(early.via.branch);
  second.send(responseText(heard, { status: 180, toTag: 'b2' }));
  await call.response(180);
  first.send(responseText(early, { status: 180, toTag: 'b1' }));
  await first.request('CANCEL');
  first.send(responseText(early, { status: 200, toTag: 'b1', contact: `<sip:bob@127.0.0.2:${first.port}>` }));
  await first.request('ACK');
  await first.request('BYE');
  await delay(20);
  expect(call.responses.map((each) => each.response.status)).toEqual([180]);
  first.close();
  second.close();
  await app.close();
});

test('503 gives the next address its turn at once, and of the last goes to the application', async () => {
  const app = await TestApp.start({ host: '0.0.0.0', nameServers });
  const second = await udpPeer(app.port);
  const first = await udpPeer(app.port, '127.0.0.2', second.port);
  const call = await app.send({ method: 'INVITE', uri: `sip:bob@busy.example:${second.port}`, body: 'v=0\r\n' });
  first.send(responseText(await first.request('INVITE'), { status: 503, toTag: 'b1' }));
  await first.request('ACK');
  second.send(responseText(await second.request('INVITE'), { status: 503, toTag: 'b2' }));
  await call.response(503);
  expect(call.responses).toHaveLength(1);
  first.close();
  second.close();
  await app.close();
});
