import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { delay, respond, TestApp, type AppMessage } from './testing/app.ts';
import { udpPeer, type Peer } from './testing/peer.ts';
import { requestText } from './testing/texts.ts';

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

const contact = { headers: { Contact: '<sip:bob@localhost>' } };

/** A call that the application has answered and the peer acknowledged. */
async function answered(callId = 'c1'): Promise<{ toTag: string; sent: AppMessage }> {
  const coming = app.next('invite');
  peer.send(requestText({ method: 'INVITE', port: peer.port, callId }));
  const { response } = await coming;
  const sent = await respond(response, 200, { ...contact, body: 'v=0\r\n' });
  const { toTag } = await peer.response(200);
  peer.send(requestText({ method: 'ACK', port: peer.port, callId, toTag }));
  return { toTag, sent };
}

describe('answering', () => {
  test('100 at once, then what the application says, under one tag and with our address', async () => {
    const coming = app.next('invite');
    const invite = requestText({
      method: 'INVITE',
      port: peer.port,
      extra: ['Record-Route: <sip:p2;lr>, <sip:p1;lr>'],
    });
    peer.send(invite);
    const trying = await peer.response(100);
    expect(trying.toTag).toBe('');
    const { response } = await coming;
    await respond(response, 180);
    await respond(response, 200, { ...contact, body: 'é' });
    const ringing = await peer.response(180);
    const ok = await peer.response(200);
    expect(ringing.toTag).not.toBe('');
    expect(ok.toTag).toBe(ringing.toTag);
    expect(ok.headers.get('Contact')).toBe(`<sip:bob@127.0.0.1:${app.port}>`);
    expect(ok.headers.get('Record-Route')).toBe('<sip:p2;lr>, <sip:p1;lr>');
    expect(ok.headers.get('Content-Length')).toBe('2');
  });

  test('a 2xx is repeated until its ACK, which the application hears once with the id of the dialog', async () => {
    const acks: AppMessage[] = [];
    app.on('ack', (ack) => acks.push(ack));
    const coming = app.next('invite');
    peer.send(requestText({ method: 'INVITE', port: peer.port, callId: 'again' }));
    const { response } = await coming;
    await respond(response, 200, contact);
    const { toTag } = await peer.response(200);
    await peer.response(200);
    await peer.response(200);
    const ack = requestText({ method: 'ACK', port: peer.port, callId: 'again', toTag });
    peer.send(ack);
    peer.send(ack);
    await delay(30);
    const copies = peer.count(200);
    await delay(200);
    expect(peer.count(200)).toBe(copies);
    expect(acks.map((each) => each.stackDialogId)).toEqual(['again;from-tag=alice1']);
  });

  test('no ACK: BYE to the peer, and the same to the application, unsolicited', async () => {
    const coming = app.next('invite');
    const ended = app.next('bye');
    peer.send(requestText({ method: 'INVITE', port: peer.port }));
    await respond((await coming).response, 200, contact);
    const bye = await peer.request('BYE');
    expect(bye.uri).toBe(`sip:alice@127.0.0.1:${peer.port}`);
    const { request } = await ended;
    expect(request.source).toBe('application');
    expect(request.get('Reason')).toContain('ACK timeout');
    expect(await app.metric('sidetone_sip_timeouts_total{kind="ack"}')).toBe(1);
  });

  test('a copy of a request is absorbed and gets the same answer', async () => {
    let heard = 0;
    app.on('options', (_request, response) => {
      heard += 1;
      void respond(response, 200);
    });
    const options = requestText({ method: 'OPTIONS', port: peer.port });
    peer.send(options);
    const first = await peer.response(200);
    peer.send(options);
    const second = await peer.response(200);
    expect(second.toTag).toBe(first.toTag);
    expect(heard).toBe(1);
    expect(await app.metric('sidetone_sip_absorbed_total')).toBe(1);
  });

  test('a refusal is repeated until its ACK', async () => {
    const coming = app.next('invite');
    peer.send(requestText({ method: 'INVITE', port: peer.port, callId: 'no', branch: 'z9hG4bKno' }));
    await respond((await coming).response, 486);
    const refusal = await peer.response(486);
    await peer.response(486);
    peer.send(requestText({ method: 'ACK', port: peer.port, callId: 'no', branch: 'z9hG4bKno', toTag: refusal.toTag }));
    await delay(30);
    const copies = peer.count(486);
    await delay(200);
    expect(peer.count(486)).toBe(copies);
  });

  test('rport and received name where the request came from, and the answer goes there', async () => {
    app.on('options', (_request, response) => void respond(response, 200));
    const text = requestText({ method: 'OPTIONS', port: 1 }).replace(
      'Via: SIP/2.0/UDP 127.0.0.1:1;branch',
      'Via: SIP/2.0/UDP phone.invalid:1;rport;branch',
    );
    peer.send(text);
    const via = (await peer.response(200)).headers.get('Via');
    expect(via).toContain('phone.invalid:1');
    expect(via).toContain(';received=127.0.0.1');
    expect(via).toContain(`;rport=${peer.port}`);
  });

  test('a tag of the application in To is kept, and another one makes another dialog', async () => {
    const coming = app.next('invite');
    peer.send(requestText({ method: 'INVITE', port: peer.port, callId: 'fork' }));
    const { response } = await coming;
    await respond(response, 183, { headers: { To: '<sip:bob@example.net>;tag=first' } });
    expect((await peer.response(183)).toTag).toBe('first');
  });
});

describe('CANCEL', () => {
  test('200 for it, 487 for its INVITE, and the application hears it; what that says afterwards is refused', async () => {
    const coming = app.next('invite');
    const invite = { port: peer.port, callId: 'cancelled', branch: 'z9hG4bKcancelled' };
    peer.send(requestText({ method: 'INVITE', ...invite }));
    const { request, response } = await coming;
    const cancelled = new Promise((resolve) => request.once('cancel', resolve));
    peer.send(requestText({ method: 'CANCEL', ...invite }));
    const ok = await peer.response(200);
    const ended = await peer.response(487);
    expect(ok.cseqMethod).toBe('CANCEL');
    expect(ok.toTag).toBe(ended.toTag);
    await cancelled;
    await expect(respond(response, 200, contact)).rejects.toThrow('transaction is over');
  });

  test('after the answer it changes nothing', async () => {
    const coming = app.next('invite');
    const invite = { port: peer.port, callId: 'late', branch: 'z9hG4bKlate' };
    peer.send(requestText({ method: 'INVITE', ...invite }));
    await respond((await coming).response, 200, contact);
    await peer.response(200);
    peer.send(requestText({ method: 'CANCEL', ...invite }));
    await delay(50);
    expect(peer.count(487)).toBe(0);
    expect(peer.heard.some((each) => each.kind === 'response' && each.cseqMethod === 'CANCEL')).toBe(true);
  });

  test('BYE before the answer is as good', async () => {
    const coming = app.next('invite');
    peer.send(requestText({ method: 'INVITE', port: peer.port, callId: 'early' }));
    const { request, response } = await coming;
    const cancelled = new Promise((resolve) => request.once('cancel', resolve));
    await respond(response, 180);
    const { toTag } = await peer.response(180);
    peer.send(requestText({ method: 'BYE', port: peer.port, callId: 'early', toTag, cseq: 2 }));
    expect((await peer.response(200)).cseqMethod).toBe('BYE');
    expect((await peer.response(487)).cseqMethod).toBe('INVITE');
    await cancelled;
  });

  test('finds its own INVITE: a second one with the Call-ID of one that is open waits for that', async () => {
    let cancels = 0;
    const coming = app.next('invite');
    const call = { method: 'INVITE', port: peer.port, callId: 'twice' };
    peer.send(requestText({ ...call, branch: 'z9hG4bKfirst' }));
    const { request } = await coming;
    request.on('cancel', () => (cancels += 1));
    peer.send(requestText({ ...call, branch: 'z9hG4bKsecond', cseq: 2 }));
    expect((await peer.response(500)).headers.get('Retry-After')).toMatch(/^\d+$/);
    peer.send(requestText({ ...call, method: 'CANCEL', branch: 'z9hG4bKfirst' }));
    await peer.response(487);
    const again = app.next('invite');
    peer.send(requestText({ ...call, branch: 'z9hG4bKthird', cseq: 3 }));
    await respond((await again).response, 486);
    expect((await peer.response(486)).cseq).toBe(3);
    expect(cancels).toBe(1);
  });

  test('of nothing: 481', async () => {
    peer.send(requestText({ method: 'CANCEL', port: peer.port }));
    expect((await peer.response(481)).cseqMethod).toBe('CANCEL');
  });
});

describe('in a dialog', () => {
  test('requests both ways follow route set, target and sequence', async () => {
    const { toTag, sent } = await answered();
    const id = 'c1;from-tag=alice1';
    expect(sent.get('To')).toContain(toTag);
    const coming = app.next('info');
    peer.send(requestText({ method: 'INFO', port: peer.port, callId: 'c1', toTag, cseq: 2, body: 'Signal=1' }));
    const { request, response } = await coming;
    expect(request.stackDialogId).toBe(id);
    expect(request.body).toBe('Signal=1');
    await respond(response, 200);
    expect((await peer.response(200)).cseq).toBe(2);
    const message = await app.send({ method: 'MESSAGE', stackDialogId: id, body: 'hi' });
    const heard = await peer.request('MESSAGE');
    expect(heard).toMatchObject({ uri: `sip:alice@127.0.0.1:${peer.port}`, fromTag: toTag, toTag: 'alice1' });
    const again = await app.send({ method: 'MESSAGE', stackDialogId: id, body: 'hi' });
    expect(Number.parseInt(again.request.get('CSeq'), 10)).toBe(Number.parseInt(message.request.get('CSeq'), 10) + 1);
  });

  test('a re-INVITE that is accepted moves the target', async () => {
    const { toTag } = await answered();
    const other = await udpPeer(app.port);
    const coming = app.next('invite');
    peer.send(
      requestText({
        method: 'INVITE',
        port: peer.port,
        callId: 'c1',
        toTag,
        cseq: 2,
        contact: `<sip:new@127.0.0.1:${other.port}>`,
      }),
    );
    await respond((await coming).response, 200, contact);
    await peer.response(200);
    peer.send(requestText({ method: 'ACK', port: peer.port, callId: 'c1', toTag, cseq: 2 }));
    await delay(20);
    await app.send({ method: 'INFO', stackDialogId: 'c1;from-tag=alice1' });
    expect((await other.request('INFO')).uri).toBe(`sip:new@127.0.0.1:${other.port}`);
    other.close();
  });

  test('an unknown dialog is 481, a sequence number below the last 500', async () => {
    peer.send(requestText({ method: 'BYE', port: peer.port, toTag: 'nobody' }));
    await peer.response(481);
    const { toTag } = await answered();
    app.on('info', (_request, response) => void respond(response, 200));
    peer.send(requestText({ method: 'INFO', port: peer.port, callId: 'c1', toTag, cseq: 9 }));
    await peer.response(200);
    peer.send(requestText({ method: 'INFO', port: peer.port, callId: 'c1', toTag, cseq: 8 }));
    await peer.response(500);
    await expect(app.send({ method: 'INFO', stackDialogId: 'nobody' })).rejects.toThrow('unable to find dialog');
  });

  test('their INVITE over theirs is 500 with Retry-After, over ours 491, and ours over theirs 491 at once', async () => {
    const { toTag } = await answered();
    const id = 'c1;from-tag=alice1';
    app.on('invite', () => undefined);
    peer.send(requestText({ method: 'INVITE', port: peer.port, callId: 'c1', toTag, cseq: 2 }));
    await peer.response(100);
    peer.send(requestText({ method: 'INVITE', port: peer.port, callId: 'c1', toTag, cseq: 3 }));
    const overlap = await peer.response(500);
    expect(Number(overlap.headers.get('Retry-After'))).toBeLessThanOrEqual(10);
    const ours = await app.send({ method: 'INVITE', stackDialogId: id, body: 'v=0\r\n' });
    await ours.response(491);
  });

  test('a re-INVITE may come while the ACK of the one before is lost: each 2xx waits for its own', async () => {
    const { toTag } = await answered();
    const acks: number[] = [];
    app.on('ack', (request) => acks.push(Number.parseInt(request.get('CSeq'), 10)));
    app.on('invite', (_request, response) => void respond(response, 200, { ...contact, body: 'v=0\r\n' }));
    const inside = { port: peer.port, callId: 'c1', toTag };
    const ok = async (cseq: number): Promise<void> => {
      for (;;) if ((await peer.response(200)).cseq === cseq) return;
    };
    peer.send(requestText({ method: 'INVITE', ...inside, cseq: 2 }));
    await ok(2);
    peer.send(requestText({ method: 'INVITE', ...inside, cseq: 3 }));
    await ok(3);
    peer.send(requestText({ method: 'ACK', ...inside, cseq: 3 }));
    await ok(2);
    peer.send(requestText({ method: 'ACK', ...inside, cseq: 2 }));
    // 64*T1 and more.
    await delay(1500);
    expect(acks).toEqual([1, 3, 2]);
    expect(peer.count('BYE')).toBe(0);
  });

  test('their INVITE over ours is 491', async () => {
    const { toTag } = await answered();
    await app.send({ method: 'INVITE', stackDialogId: 'c1;from-tag=alice1', body: 'v=0\r\n' });
    await peer.request('INVITE');
    peer.send(requestText({ method: 'INVITE', port: peer.port, callId: 'c1', toTag, cseq: 2 }));
    expect((await peer.response(491)).cseq).toBe(2);
  });

  test('BYE ends it, and what comes after is 481', async () => {
    const { toTag } = await answered();
    app.on('bye', (_request, response) => void respond(response, 200));
    peer.send(requestText({ method: 'BYE', port: peer.port, callId: 'c1', toTag, cseq: 2 }));
    await peer.response(200);
    peer.send(requestText({ method: 'BYE', port: peer.port, callId: 'c1', toTag, cseq: 3 }));
    expect((await peer.response(481)).cseq).toBe(3);
  });

  test('our BYE waits for the ACK of our 2xx', async () => {
    const coming = app.next('invite');
    peer.send(requestText({ method: 'INVITE', port: peer.port, callId: 'hasty' }));
    await respond((await coming).response, 200, contact);
    const { toTag } = await peer.response(200);
    const sending = app.send({ method: 'BYE', stackDialogId: 'hasty;from-tag=alice1' });
    await delay(50);
    expect(peer.count('BYE')).toBe(0);
    peer.send(requestText({ method: 'ACK', port: peer.port, callId: 'hasty', toTag }));
    await sending;
    await peer.request('BYE');
  });
});
