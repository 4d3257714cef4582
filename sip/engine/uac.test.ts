import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { delay, TestApp, type SentInvite } from './testing/app.ts';
import { tcpListener, udpPeer, type Peer } from './testing/peer.ts';
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

const offer = {
  method: 'INVITE',
  body: 'v=0\r\n',
  headers: { From: '<sip:alice@localhost>', Contact: '<sip:alice@localhost>' },
};

function invite(options: Record<string, unknown> = {}): Promise<SentInvite> {
  return app.send({ ...offer, uri: `sip:bob@127.0.0.1:${peer.port}`, ...options });
}

describe('calling', () => {
  test('what the application leaves out is made up, and localhost is our address', async () => {
    const call = await invite({ headers: { ...offer.headers, 'X-Own': 'é', 'Max-Forwards': '42' } });
    const heard = await peer.request('INVITE');
    expect(heard.headers.get('Via')).toMatch(
      new RegExp(`^SIP/2.0/UDP 127.0.0.1:${app.port};branch=z9hG4bK\\w+;rport$`),
    );
    expect(heard.headers.get('Max-Forwards')).toBe('42');
    expect(heard.headers.get('From')).toMatch(/^<sip:alice@127.0.0.1>;tag=\w+$/);
    expect(heard.headers.get('To')).toBe(`<sip:bob@127.0.0.1:${peer.port}>`);
    expect(heard.headers.get('Contact')).toBe(`<sip:alice@127.0.0.1:${app.port}>`);
    expect(heard.headers.get('X-Own')).toBe('é');
    expect(heard.headers.get('Content-Type')).toBe('application/sdp');
    expect(call.request.get('From')).toBe(heard.headers.get('From'));
    expect(call.request.get('Call-ID')).toBe(heard.callId);
  });

  test('the INVITE is repeated until it is answered; the 2xx gets the ACK of the application, and again for each copy', async () => {
    const call = await invite();
    const heard = await peer.request('INVITE');
    await peer.request('INVITE');
    peer.send(responseText(heard, { status: 180, toTag: 'b1' }));
    await call.response(180);
    const ok = responseText(heard, {
      status: 200,
      toTag: 'b1',
      contact: `<sip:bob@127.0.0.1:${peer.port};x=1>`,
      extra: [
        `Record-Route: <sip:127.0.0.1:${peer.port};lr;hop=2>`,
        `Record-Route: <sip:127.0.0.1:${peer.port};lr;hop=1>`,
      ],
    });
    peer.send(ok);
    const { ack } = await call.response(200);
    ack({ body: 'answer' });
    const first = await peer.request('ACK');
    expect(first.uri).toBe(`sip:bob@127.0.0.1:${peer.port};x=1`);
    expect(first.headers.all('Route').map((each) => each.slice(-7))).toEqual([';hop=1>', ';hop=2>']);
    expect(first).toMatchObject({ cseq: heard.cseq, toTag: 'b1', body: Buffer.from('answer') });
    peer.send(ok);
    expect((await peer.request('ACK')).via.branch).toBe(first.via.branch);
    expect(call.responses.filter((each) => each.response.status === 200)).toHaveLength(1);
  });

  test('a refusal is acknowledged by the engine, and its copies too', async () => {
    const call = await invite();
    const heard = await peer.request('INVITE');
    const refusal = responseText(heard, { status: 486, toTag: 'b1' });
    peer.send(refusal);
    await call.response(486);
    const ack = await peer.request('ACK');
    expect(ack.via.branch).toBe(heard.via.branch);
    expect(ack.toTag).toBe('b1');
    peer.send(refusal);
    await peer.request('ACK');
  });

  test('no answer at all: 408', async () => {
    const call = await invite();
    await call.response(408);
    expect(await app.metric('sidetone_sip_timeouts_total{kind="request"}')).toBe(1);
  });

  test('what cannot be reached is an error of the request', async () => {
    await expect(invite({ uri: 'sip:bob@no-such-host.invalid' })).rejects.toThrow('next hop cannot be reached');
    await expect(invite({ uri: 'tel:+15551234' })).rejects.toThrow('next hop cannot be reached');
    const listener = await tcpListener();
    await new Promise((resolve) => listener.server.close(resolve));
    await expect(invite({ uri: `sip:bob@127.0.0.1:${listener.port};transport=tcp` })).rejects.toThrow(
      'cannot be reached',
    );
  });

  test('proxy says where it goes, the Request-URI stays', async () => {
    await invite({ uri: 'tel:+15551234', proxy: `sip:127.0.0.1:${peer.port}` });
    expect((await peer.request('INVITE')).uri).toBe('tel:+15551234');
  });

  test('credentials of the INVITE are in the ACK of its 2xx', async () => {
    const call = await invite({ headers: { ...offer.headers, 'Proxy-Authorization': 'Digest x="y"' } });
    peer.send(responseText(await peer.request('INVITE'), { status: 200, toTag: 'b1' }));
    (await call.response(200)).ack();
    expect((await peer.request('ACK')).headers.get('Proxy-Authorization')).toBe('Digest x="y"');
  });

  test('a response of nothing is counted', async () => {
    await invite();
    const heard = await peer.request('INVITE');
    peer.send(responseText(heard, { status: 200, toTag: 'b1' }).replace(heard.via.branch, 'z9hG4bKother'));
    await delay(30);
    expect(await app.metric('sidetone_sip_strays_total{kind="response"}')).toBe(1);
  });
});

describe('cancelling', () => {
  const cancel = (call: SentInvite): void =>
    call.request.cancel({ headers: { Reason: 'SIP;cause=487' } }, () => undefined);

  test('is held back until a provisional response has come', async () => {
    const call = await invite();
    const heard = await peer.request('INVITE');
    cancel(call);
    await delay(30);
    expect(peer.count('CANCEL')).toBe(0);
    peer.send(responseText(heard, { status: 100 }));
    const sent = await peer.request('CANCEL');
    expect(sent).toMatchObject({ uri: heard.uri, cseq: heard.cseq, via: { branch: heard.via.branch } });
    expect(sent.headers.get('Reason')).toBe('SIP;cause=487');
    peer.send(responseText(sent, { status: 200, toTag: 'b1' }));
    peer.send(responseText(heard, { status: 487, toTag: 'b1' }));
    await call.response(487);
    await peer.request('ACK');
  });

  test('a 2xx that crosses it goes to the application; unacknowledged it is acknowledged and ended here', async () => {
    const call = await invite();
    const heard = await peer.request('INVITE');
    const ended = app.next('bye');
    peer.send(responseText(heard, { status: 180, toTag: 'b1' }));
    await call.response(180);
    cancel(call);
    await peer.request('CANCEL');
    peer.send(responseText(heard, { status: 200, toTag: 'b1', contact: `<sip:bob@127.0.0.1:${peer.port}>` }));
    await call.response(200);
    await peer.request('ACK');
    await peer.request('BYE');
    expect((await ended).request.source).toBe('application');
    expect(await app.metric('sidetone_sip_unwanted_answers_total')).toBe(1);
  });

  test('no answer to it: 487 after 64*T1', async () => {
    const call = await invite();
    peer.send(responseText(await peer.request('INVITE'), { status: 180, toTag: 'b1' }));
    await call.response(180);
    cancel(call);
    expect((await call.response(487)).response.reason).toBe('Request Terminated');
  });
});

describe('forking', () => {
  test('each fork is a dialog; the second 2xx is acknowledged and ended here, its copies too', async () => {
    const call = await invite();
    const heard = await peer.request('INVITE');
    const contact = `<sip:bob@127.0.0.1:${peer.port}>`;
    for (const toTag of ['b1', 'b2']) peer.send(responseText(heard, { status: 183, toTag, contact }));
    while (call.responses.length < 2) await delay(5);
    const ids = call.responses.map((each) => each.response.stackDialogId);
    expect(ids[0]).toBe(`${heard.callId};from-tag=${heard.fromTag}`);
    expect(new Set(ids).size).toBe(2);
    peer.send(responseText(heard, { status: 200, toTag: 'b2', contact }));
    const { response, ack } = await call.response(200);
    expect(response.stackDialogId).toBe(ids[1]);
    ack();
    expect((await peer.request('ACK')).toTag).toBe('b2');
    peer.send(responseText(heard, { status: 200, toTag: 'b1', contact }));
    expect((await peer.request('ACK')).toTag).toBe('b1');
    expect((await peer.request('BYE')).toTag).toBe('b1');
    peer.send(responseText(heard, { status: 200, toTag: 'b1', contact }));
    expect((await peer.request('ACK')).toTag).toBe('b1');
    // The first to answer is still a call.
    peer.send(
      requestText({ method: 'INFO', port: peer.port, callId: heard.callId, fromTag: 'b2', toTag: heard.fromTag }),
    );
    expect((await app.next('info')).request.stackDialogId).toBe(ids[1]);
  });
});

test('a flood of forks is followed no further than any real one goes', async () => {
  const sent = await invite();
  const received = await peer.request('INVITE');
  for (let fork = 0; fork < 100; fork += 1) peer.send(responseText(received, { status: 180, toTag: `f${fork}` }));
  peer.send(responseText(received, { status: 486, toTag: 'f0' }));
  await sent.response(486);
  expect(sent.responses.filter(({ response }) => response.status === 180)).toHaveLength(32);
});

describe('in a dialog', () => {
  async function answered(extra: readonly string[] = []): Promise<{ id: string; callId: string; ourTag: string }> {
    const call = await invite();
    const heard = await peer.request('INVITE');
    const contact = `<sip:bob@127.0.0.1:${peer.port}>`;
    peer.send(responseText(heard, { status: 200, toTag: 'b1', contact, extra }));
    const { response, ack } = await call.response(200);
    ack();
    await peer.request('ACK');
    return { id: response.stackDialogId ?? '', callId: heard.callId, ourTag: heard.fromTag };
  }

  test('strict routers get the Request-URI (RFC 2543)', async () => {
    const strict = `sip:127.0.0.1:${peer.port}`;
    const { id } = await answered([`Record-Route: <${strict}>`]);
    await app.send({ method: 'INFO', stackDialogId: id });
    const info = await peer.request('INFO');
    expect(info.uri).toBe(strict);
    expect(info.headers.all('Route')).toEqual([`<sip:bob@127.0.0.1:${peer.port}>`]);
  });

  test('an answer to our UPDATE moves the target', async () => {
    const { id } = await answered();
    const update = await app.send({ method: 'UPDATE', stackDialogId: id });
    const heard = await peer.request('UPDATE');
    expect(heard.headers.get('Contact')).toBe(`<sip:127.0.0.1:${app.port}>`);
    peer.send(responseText(heard, { status: 200, contact: `<sip:moved@127.0.0.1:${peer.port}>` }));
    await update.response(200);
    await app.send({ method: 'INFO', stackDialogId: id });
    expect((await peer.request('INFO')).uri).toBe(`sip:moved@127.0.0.1:${peer.port}`);
  });

  test('a re-INVITE is acknowledged with its own sequence', async () => {
    const { id } = await answered();
    const again = await app.send({ method: 'INVITE', stackDialogId: id, body: 'v=0\r\n' });
    const heard = await peer.request('INVITE');
    peer.send(responseText(heard, { status: 200, contact: `<sip:bob@127.0.0.1:${peer.port}>` }));
    (await again.response(200)).ack();
    expect(await peer.request('ACK')).toMatchObject({ cseq: heard.cseq, toTag: 'b1' });
  });

  test('a re-INVITE that is refused is acknowledged once, by its transaction', async () => {
    const { id } = await answered();
    const again = await app.send({ method: 'INVITE', stackDialogId: id, body: 'v=0\r\n' });
    const heard = await peer.request('INVITE');
    peer.send(responseText(heard, { status: 488 }));
    (await again.response(488)).ack();
    await delay(30);
    expect(peer.count('ACK')).toBe(2);
    expect((await peer.request('ACK')).via.branch).toBe(heard.via.branch);
  });

  test('a BYE that is challenged leaves the dialog for the next one', async () => {
    const { id } = await answered();
    const bye = await app.send({ method: 'BYE', stackDialogId: id });
    peer.send(responseText(await peer.request('BYE'), { status: 401 }));
    await bye.response(401);
    const next = await app.send({ method: 'BYE', stackDialogId: id });
    peer.send(responseText(await peer.request('BYE'), { status: 200 }));
    await next.response(200);
    await expect(app.send({ method: 'INFO', stackDialogId: id })).rejects.toThrow('unable to find dialog');
  });

  test('a call to ourselves has two dialogs with two ids', async () => {
    const coming = app.next('invite');
    const call = await app.send({ ...offer, uri: `sip:self@127.0.0.1:${app.port}` });
    const { request, response } = await coming;
    let theirs = '';
    response.send(200, { headers: { Contact: '<sip:self@localhost>' } }, (_error, sent) => {
      expect(sent).toBeDefined();
      theirs = (response as unknown as { stackDialogId: string }).stackDialogId;
    });
    const ok = await call.response(200);
    ok.ack();
    expect(request.get('Call-ID')).toBe(call.request.get('Call-ID'));
    const ours = ok.response.stackDialogId ?? '';
    expect(ours).not.toBe(theirs);
    const info = app.next('info');
    await app.send({ method: 'INFO', stackDialogId: ours });
    expect((await info).request.stackDialogId).toBe(theirs);
  });
});
