import { afterEach, beforeEach, expect, test } from 'vitest';
import { delay, respond, TestApp } from './testing/app.ts';
import { udpPeer, type Peer } from './testing/peer.ts';
import { requestText, responseText } from './testing/texts.ts';

let app: TestApp;
let peer: Peer;
beforeEach(async () => {
  app = await TestApp.start();
  peer = await udpPeer(app.port);
});
afterEach(async () => {
  peer.close();
  await app.close();
});

const reliable = { headers: { Require: '100rel', Contact: '<sip:bob@localhost>' }, body: 'v=0\r\n' };

test('RFC 3262 as the one called: repeated until its PRACK, and the 2xx waits for it', async () => {
  const coming = app.next('invite');
  app.on('prack', (_request, response) => void respond(response, 200));
  peer.send(requestText({ method: 'INVITE', port: peer.port, callId: 'c1', extra: ['Supported: 100rel'] }));
  const { response } = await coming;
  const sent = await respond(response, 183, reliable);
  await respond(response, 200, { headers: { Contact: '<sip:bob@localhost>' } });
  const progress = await peer.response(183);
  await peer.response(183);
  const rseq = progress.headers.get('RSeq');
  expect(sent.get('RSeq')).toBe(rseq);
  expect(peer.count(200)).toBe(0);
  const prack = { method: 'PRACK', port: peer.port, callId: 'c1', toTag: progress.toTag, cseq: 2 };
  peer.send(requestText({ ...prack, extra: ['RAck: 1 1 INVITE'] }));
  await peer.response(481);
  peer.send(requestText({ ...prack, cseq: 3, extra: [`RAck: ${rseq} 1 INVITE`] }));
  const answers = [await peer.response(200), await peer.response(200)];
  expect(answers.map((each) => each.cseqMethod).sort()).toEqual(['INVITE', 'PRACK']);
});

test('no PRACK: the INVITE is refused', async () => {
  const coming = app.next('invite');
  peer.send(requestText({ method: 'INVITE', port: peer.port }));
  await respond((await coming).response, 183, reliable);
  expect((await peer.response(504)).cseqMethod).toBe('INVITE');
  expect(await app.metric('sidetone_sip_timeouts_total{kind="prack"}')).toBe(1);
});

test('RFC 3262 as the caller: the application hears it once, and its PRACK goes out', async () => {
  const call = await app.send({ method: 'INVITE', uri: `sip:bob@127.0.0.1:${peer.port}`, body: 'v=0\r\n' });
  const heard = await peer.request('INVITE');
  const contact = `<sip:bob@127.0.0.1:${peer.port};early>`;
  const progress = (rseq: number): string =>
    responseText(heard, { status: 183, toTag: 'b1', contact, extra: ['Require: 100rel', `RSeq: ${rseq}`] });
  for (const rseq of [7, 7, 9]) peer.send(progress(rseq));
  const { ack } = await call.response(183);
  ack();
  const prack = await peer.request('PRACK');
  expect(prack.headers.get('RAck')).toBe(`7 ${heard.cseq} INVITE`);
  expect(prack).toMatchObject({ uri: `sip:bob@127.0.0.1:${peer.port};early`, toTag: 'b1', cseq: heard.cseq + 1 });
  peer.send(responseText(prack, { status: 200 }));
  await delay(30);
  expect(call.responses).toHaveLength(1);
  peer.send(progress(8));
  await delay(30);
  expect(call.responses).toHaveLength(2);
});
