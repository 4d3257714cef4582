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

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n';

/** A call that came in and was answered with these session terms. */
async function answered(expires: string, extra: readonly string[] = []): Promise<string> {
  const coming = app.next('invite');
  peer.send(requestText({ method: 'INVITE', port: peer.port, callId: 'c1', extra }));
  const headers = { Contact: '<sip:bob@localhost>', 'Session-Expires': expires, 'Content-Type': 'application/sdp' };
  await respond((await coming).response, 200, { headers, body: sdp });
  const { toTag } = await peer.response(200);
  peer.send(requestText({ method: 'ACK', port: peer.port, callId: 'c1', toTag }));
  return toTag;
}

test('our part: an UPDATE without a session description, half-way, where the peer allows it', async () => {
  await answered('2;refresher=uas', ['Allow: INVITE, UPDATE']);
  const update = await peer.request('UPDATE');
  expect(update.headers.get('Session-Expires')).toBe('2;refresher=uac');
  expect(update.body).toHaveLength(0);
  peer.send(responseText(update, { status: 200, extra: ['Session-Expires: 2;refresher=uac'] }));
  await peer.request('UPDATE');
  expect(peer.count('BYE')).toBe(0);
});

test('else an INVITE with the description sent last; 422 makes the interval longer', async () => {
  await answered('2;refresher=uas');
  const first = await peer.request('INVITE');
  expect(first.body.toString()).toBe(sdp);
  peer.send(responseText(first, { status: 422, extra: ['Min-SE: 90'] }));
  const second = await peer.request('INVITE');
  expect(second.headers.get('Session-Expires')).toBe('90;refresher=uac');
  peer.send(responseText(second, { status: 200, extra: ['Session-Expires: 90;refresher=uac'] }));
  await peer.request('ACK');
  await delay(1200);
  expect(peer.count('BYE')).toBe(0);
});

test.each([
  [401, 'WWW-Authenticate', 'Authorization'],
  [407, 'Proxy-Authenticate', 'Proxy-Authorization'],
] as const)(
  'a refresh that is answered %i goes once more with credentials where there are any',
  async (status, asks, gives) => {
    await app.close();
    const asked: unknown[] = [];
    app = await TestApp.start({
      authorize: ({ dialogId, request: { method } }) => {
        asked.push(method, dialogId);
        return 'Digest x';
      },
    });
    peer.close();
    peer = await udpPeer(app.port);
    await answered('2;refresher=uas', ['Allow: UPDATE']);
    const first = await peer.request('UPDATE');
    peer.send(responseText(first, { status, extra: [`${asks}: Digest realm="r", nonce="n"`] }));
    const second = await peer.request('UPDATE');
    expect(second.headers.get(gives)).toBe('Digest x');
    expect(asked).toEqual(['UPDATE', expect.stringContaining('c1')]);
    peer.send(responseText(second, { status, extra: [`${asks}: Digest realm="r", nonce="m"`] }));
    // Refused all the same: nobody is asked again, and the call goes on to the end of its session.
    await delay(300);
    expect([peer.count('UPDATE'), peer.count('BYE')]).toEqual([2, 0]);
    await peer.request('BYE');
  },
);

test('a refresh that fails ends the dialog on both sides', async () => {
  await answered('2;refresher=uas', ['Allow: UPDATE']);
  const ended = app.next('bye');
  peer.send(responseText(await peer.request('UPDATE'), { status: 481 }));
  await peer.request('BYE');
  expect((await ended).request.get('Reason')).toContain('session refresh failed');
});

test('their part: not done in time ends the dialog, done in time it goes on', async () => {
  const toTag = await answered('2;refresher=uac');
  const ended = app.next('bye');
  app.on('update', (_request, response) => {
    void respond(response, 200, { headers: { 'Session-Expires': '2;refresher=uac' } });
  });
  await delay(1000);
  peer.send(requestText({ method: 'UPDATE', port: peer.port, callId: 'c1', toTag, cseq: 2 }));
  await peer.response(200);
  await delay(1000);
  expect(peer.count('BYE')).toBe(0);
  await peer.request('BYE');
  const { request } = await ended;
  expect(request.stackDialogId).toBe('c1;from-tag=alice1');
  expect(request.get('Reason')).toContain('session expired');
  expect(await app.metric('sidetone_sip_sessions_expired_total')).toBe(1);
});
