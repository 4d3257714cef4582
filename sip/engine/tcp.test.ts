import { afterEach, beforeEach, expect, test } from 'vitest';
import { delay, respond, TestApp } from './testing/app.ts';
import { tcpListener, tcpPeer, type TcpPeer } from './testing/peer.ts';
import { requestText, responseText } from './testing/texts.ts';

let app: TestApp;
let peer: TcpPeer;
beforeEach(async () => {
  app = await TestApp.start();
  peer = await tcpPeer(app.port);
});
afterEach(async () => {
  peer.close();
  await app.close();
});

function options(callId: string, body = ''): string {
  return requestText({ method: 'OPTIONS', port: peer.port, transport: 'TCP', callId, body });
}

test('many messages in a segment, one in many, keepalives between', async () => {
  app.on('options', (request, response) => void respond(response, 200, { body: request.body }));
  peer.send(`${options('a', 'é1')}\r\n${options('b', '2')}`);
  expect((await peer.response(200)).body.toString()).toBe('é1');
  expect((await peer.response(200)).body.toString()).toBe('2');
  peer.send('\r\n\r\n');
  await delay(30);
  expect(peer.pongs()).toBe(1);
  for (const byte of Buffer.from(options('c', 'x'.repeat(50)))) peer.send(Buffer.from([byte]));
  expect((await peer.response(200)).callId).toBe('c');
});

test('a stream that is no SIP is cut off and counted, and others are not touched', async () => {
  const stranger = await tcpPeer(app.port);
  stranger.send(`OPTIONS sip:a SIP/2.0\r\nContent-Length: 70000\r\n\r\n`);
  await stranger.closed;
  expect(await app.metric('sidetone_sip_transport_total{what="unframeable",transport="tcp"}')).toBe(1);
  app.on('options', (_request, response) => void respond(response, 200));
  peer.send(options('still'));
  await peer.response(200);
});

test('a dialog that came by a connection goes back by it', async () => {
  const coming = app.next('invite');
  const call = { port: peer.port, transport: 'TCP', callId: 'c1' } as const;
  // A phone behind a connection of its own cannot be called at the port that its Contact names.
  peer.send(requestText({ method: 'INVITE', ...call, contact: '<sip:alice@127.0.0.1:9>' }));
  await respond((await coming).response, 200, { headers: { Contact: '<sip:bob@localhost>' } });
  const ok = await peer.response(200);
  expect(ok.headers.get('Contact')).toBe(`<sip:bob@127.0.0.1:${app.port};transport=tcp>`);
  peer.send(requestText({ method: 'ACK', ...call, toTag: ok.toTag }));
  await delay(20);
  await app.send({ method: 'BYE', stackDialogId: 'c1;from-tag=alice1' });
  await peer.request('BYE');
});

test('requests to one peer share a connection; when that goes unanswered requests on it end at once', async () => {
  const listener = await tcpListener();
  const uri = `sip:bob@127.0.0.1:${listener.port};transport=tcp`;
  const accepting = listener.accepted();
  const first = await app.send({ method: 'OPTIONS', uri });
  const other = await accepting;
  peer.close();
  const second = await app.send({ method: 'INVITE', uri, body: 'v=0\r\n' });
  await other.request('INVITE');
  const heard = await other.request('OPTIONS');
  expect(heard.headers.get('Via')).toContain(`SIP/2.0/TCP 127.0.0.1:${app.port}`);
  other.send(responseText(heard, { status: 200, toTag: 'b' }));
  await first.response(200);
  other.close();
  await second.response(503);
  listener.server.close();
});

test('a half-open connection: a request that it leaves unanswered takes it along, the next opens another', async () => {
  const listener = await tcpListener();
  const uri = `sip:bob@127.0.0.1:${listener.port};transport=tcp`;
  const accepting = listener.accepted();
  const lost = await app.send({ method: 'OPTIONS', uri });
  const dead = await accepting;
  await lost.response(408);
  const again = listener.accepted();
  const next = await app.send({ method: 'OPTIONS', uri });
  const alive = await again;
  alive.send(responseText(await alive.request('OPTIONS'), { status: 200, toTag: 'b' }));
  await next.response(200);
  expect(dead.count('OPTIONS')).toBe(1);
  dead.close();
  alive.close();
  listener.server.close();
});

test('an answer whose connection is gone goes to the address in the Via', async () => {
  const listener = await tcpListener();
  const coming = app.next('options');
  const gone = await tcpPeer(app.port);
  gone.send(requestText({ method: 'OPTIONS', port: listener.port, transport: 'TCP', callId: 'gone' }));
  const { response } = await coming;
  gone.close();
  await gone.closed;
  await delay(20);
  const accepting = listener.accepted();
  await respond(response, 200);
  const back = await accepting;
  expect((await back.response(200)).callId).toBe('gone');
  back.close();
  listener.server.close();
});
