import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { respond, TestApp } from './testing/app.ts';
import { udpPeer } from './testing/peer.ts';
import { requestText } from './testing/texts.ts';

const own = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find((each) => each.family === 'IPv4' && !each.internal)?.address;

test.skipIf(own === undefined)(
  'bound everywhere, Via and Contact name the address that reaches this peer',
  async () => {
    const app = await TestApp.start({ host: '0.0.0.0' });
    const peer = await udpPeer(app.port, own);
    const coming = app.next('invite');
    const contact = `<sip:alice@${own}:${peer.port}>`;
    peer.send(
      requestText({ method: 'INVITE', port: peer.port, callId: 'c1', contact }).replace('127.0.0.1', own ?? ''),
    );
    await respond((await coming).response, 200, { headers: { Contact: '<sip:bob@localhost>' } });
    const ok = await peer.response(200);
    expect(ok.headers.get('Contact')).toBe(`<sip:bob@${own}:${app.port}>`);
    peer.send(requestText({ method: 'ACK', port: peer.port, callId: 'c1', toTag: ok.toTag }));
    await app.send({ method: 'BYE', stackDialogId: 'c1;from-tag=alice1' });
    expect((await peer.request('BYE')).headers.get('Via')).toContain(`SIP/2.0/UDP ${own}:${app.port};`);
    peer.close();
    await app.close();
  },
);
