import { afterEach, describe, expect, test } from 'vitest';
import { establish, openBench, type Bench } from './testing/bench.ts';
import { sdp } from './testing/raw-ua.ts';

let bench: Bench;
afterEach(() => bench.close());

const version = (line: string | undefined): number => Number(line?.split(' ')[2]);
const notes = (): string[] =>
  bench.events.flatMap((event) => (event.type === 'note' ? [`${event.note} ${event.detail}`] : []));

describe('re-INVITE and UPDATE', () => {
  test.each(['INVITE', 'UPDATE'] as const)(
    'hold and resume by %s go through, rewritten, and media is told',
    async (method) => {
      bench = await openBench();
      const { caller, callee, media } = bench;
      const call = await establish(bench);
      const held = caller.inDialog(call.callerSide, method, { body: sdp({ version: 2, direction: 'sendonly' }) });
      const offered = await callee.expect(method);
      expect(offered.sdp('a=sendonly')).toHaveLength(1);
      expect(offered.sdp('m=')[0]).toContain(`m=audio ${media.last.ports.callee.rtpPort} `);
      expect(version(offered.sdp('o=')[0])).toBe(version(call.calleeInvite.sdp('o=')[0]) + 1);
      expect(offered.sdp('o=')[0]?.split(' ')[1]).toBe(call.calleeInvite.sdp('o=')[0]?.split(' ')[1]);
      callee.reply(offered, 200, { body: sdp({ port: 41_000, version: 2, direction: 'recvonly' }) });
      const ok = await caller.expect(`200 ${method}`);
      expect(ok.sdp('a=recvonly')).toHaveLength(1);
      if (method === 'INVITE') {
        await callee.expect('ACK');
        caller.ack(held, ok);
      }
      expect(media.last.settings('caller')).toMatchObject({ talks: true, listens: false, holding: true });
      expect(media.last.settings('callee')).toMatchObject({ talks: false, listens: true, holding: false });
      const back = caller.inDialog(call.callerSide, method, { body: sdp({ version: 3 }) });
      const resumed = await callee.expect(
        (message) => message.method === method && message.sdp('a=sendrecv').length === 1,
      );
      callee.reply(resumed, 200, { body: sdp({ port: 41_000, version: 3 }) });
      const again = await caller.expect(`200 ${method}`);
      if (method === 'INVITE') caller.ack(back, again);
      expect(media.last.settings('caller')).toMatchObject({ talks: true, listens: true, holding: false });
      expect(notes()).toEqual(['hold caller', 'resume caller']);
    },
  );

  test('a refresh that repeats the session is answered here, and media is left alone', async () => {
    bench = await openBench();
    const { caller, callee, media } = bench;
    const call = await establish(bench);
    const updates = media.last.updates.caller.length;
    const refresh = caller.inDialog(call.callerSide, 'INVITE', {
      body: sdp({ version: 2 }),
      headers: ['Supported: timer', 'Session-Expires: 1200;refresher=uac', 'Content-Type: application/sdp'],
    });
    const ok = await caller.expect('200 INVITE');
    caller.ack(refresh, ok);
    expect(ok.sdp('o=')).toEqual(call.ok.sdp('o='));
    expect(ok.header('Session-Expires')).toBe('1200;refresher=uac');
    caller.inDialog(call.callerSide, 'UPDATE');
    await caller.expect('200 UPDATE');
    expect(media.last.updates.caller).toHaveLength(updates);
    expect(callee.heard('INVITE') + callee.heard('UPDATE')).toBe(1);
  });

  test.each([
    ['T.38 alone', ['m=image 4000 udptl t38']],
    ['SRTP alone', ['m=audio 4000 RTP/SAVP 0']],
  ])('a change to %s is 488 and the call goes on', async (_, media) => {
    bench = await openBench();
    const { caller } = bench;
    const call = await establish(bench);
    const change = caller.inDialog(call.callerSide, 'INVITE', { body: sdp({ version: 2, media }) });
    caller.ack(change, await caller.expect('488 INVITE'));
    expect(bench.server.activeCalls).toBe(1);
    expect(bench.callee.heard('INVITE')).toBe(1);
  });

  test('what the far end refuses is passed back and changes nothing', async () => {
    bench = await openBench();
    const { caller, callee, media } = bench;
    const call = await establish(bench);
    const change = callee.inDialog(call.calleeSide, 'INVITE', { body: sdp({ port: 43_000, version: 2 }) });
    const offered = await caller.expect('INVITE');
    caller.reply(offered, 491);
    callee.ack(change, await callee.expect('491 INVITE'));
    expect(media.last.settings('callee')?.remote?.rtpPort).toBe(41_000);
    expect(bench.server.activeCalls).toBe(1);
  });

  test('both sides at once: 491', async () => {
    bench = await openBench();
    const { caller, callee } = bench;
    const call = await establish(bench);
    const first = caller.inDialog(call.callerSide, 'INVITE', { body: sdp({ direction: 'sendonly' }) });
    const offered = await callee.expect((message) => message.method === 'INVITE' && message.tag('To') !== '');
    const crossing = callee.inDialog(call.calleeSide, 'INVITE', { body: sdp({ direction: 'sendonly' }) });
    callee.ack(crossing, await callee.expect('491 INVITE'));
    callee.reply(offered, 491);
    caller.ack(first, await caller.expect('491 INVITE'));
    expect(bench.server.activeCalls).toBe(1);
  });

  test('a re-INVITE without offer: the far end offers, the ACK answers', async () => {
    bench = await openBench();
    const { caller, callee, media } = bench;
    const call = await establish(bench);
    const asking = caller.inDialog(call.callerSide, 'INVITE');
    const asked = await callee.expect((message) => message.method === 'INVITE' && message.tag('To') !== '');
    expect(asked.body).toBe('');
    callee.reply(asked, 200, { body: sdp({ port: 44_000, version: 2 }) });
    const offer = await caller.expect('200 INVITE');
    expect(offer.sdp('m=')[0]).toContain(`m=audio ${media.last.ports.caller.rtpPort} `);
    caller.ack(asking, offer, sdp({ port: 45_000, version: 2 }));
    const answer = await callee.expect((message) => message.method === 'ACK' && message.body !== '');
    expect(answer.sdp('m=')[0]).toContain(`m=audio ${media.last.ports.callee.rtpPort} `);
    expect(media.last.settings('callee')?.remote?.rtpPort).toBe(44_000);
    expect(media.last.settings('caller')?.remote?.rtpPort).toBe(45_000);
  });

  test('a far end that does not allow UPDATE is asked by re-INVITE', async () => {
    bench = await openBench();
    const { caller, callee } = bench;
    const call = await establish(bench, { calleeHeaders: ['Allow: INVITE, ACK, BYE, CANCEL'] });
    caller.inDialog(call.callerSide, 'UPDATE', { body: sdp({ version: 2, direction: 'inactive' }) });
    const asked = await callee.expect((message) => message.method === 'INVITE' && message.tag('To') !== '');
    callee.reply(asked, 200, { body: sdp({ port: 41_000, version: 2, direction: 'inactive' }) });
    expect((await caller.expect('200 UPDATE')).sdp('a=inactive')).toHaveLength(1);
    await callee.expect('ACK');
  });
});

describe('other requests', () => {
  test('INFO, MESSAGE and NOTIFY go through both ways, and their answers back', async () => {
    bench = await openBench();
    const { caller, callee } = bench;
    const call = await establish(bench);
    caller.inDialog(call.callerSide, 'MESSAGE', { headers: ['Content-Type: text/plain', 'X-Note: 1'], body: 'héllo' });
    const message = await callee.expect('MESSAGE');
    expect([message.body, message.header('Content-Type'), message.header('X-Note')]).toEqual([
      'héllo',
      'text/plain',
      '1',
    ]);
    expect(message.header('Content-Length')).toBe('6');
    callee.reply(message, 202, { headers: ['X-Seen: yes'] });
    expect((await caller.expect('202 MESSAGE')).header('X-Seen')).toBe('yes');
    callee.inDialog(call.calleeSide, 'NOTIFY', {
      headers: ['Event: refer', 'Subscription-State: active', 'Content-Type: message/sipfrag'],
      body: 'SIP/2.0 100 Trying',
    });
    const notify = await caller.expect('NOTIFY');
    expect([notify.header('Event'), notify.header('Subscription-State')]).toEqual(['refer', 'active']);
    caller.reply(notify, 489);
    await callee.expect('489 NOTIFY');
  });

  test('what a control connection cannot carry is refused, not lost, and the call goes on', async () => {
    bench = await openBench();
    const { caller, callee } = bench;
    const call = await establish(bench);
    const large = 'x'.repeat(12_000);
    caller.inDialog(call.callerSide, 'MESSAGE', { headers: ['Content-Type: text/plain'], body: large });
    await caller.expect('513 MESSAGE');
    caller.inDialog(call.callerSide, 'MESSAGE', { headers: ['Content-Type: text/plain'], body: 'small' });
    callee.reply(await callee.expect('MESSAGE'), 200, { headers: ['Content-Type: text/plain'], body: large });
    await caller.expect('500 MESSAGE');
    expect(bench.server.activeCalls).toBe(1);
  });

  test.each([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=200\r\n', 200],
    ['application/dtmf', '5', 160],
  ])('a digit by INFO (%s) goes on and is marked on the timeline', async (type, body, durationMs) => {
    bench = await openBench();
    const { caller, callee, media } = bench;
    const call = await establish(bench);
    caller.inDialog(call.callerSide, 'INFO', { headers: [`Content-Type: ${type}`], body });
    const info = await callee.expect('INFO');
    expect([info.body, info.header('Content-Type')]).toEqual([body, type]);
    callee.reply(info, 200);
    await caller.expect('200 INFO');
    expect(media.last.digits).toEqual([{ side: 'caller', durationMs }]);
    expect(JSON.stringify(bench.events)).not.toContain('Signal');
  });

  test('a blind transfer: REFER and its Refer-To pass', async () => {
    bench = await openBench();
    const { caller, callee } = bench;
    const call = await establish(bench);
    callee.inDialog(call.calleeSide, 'REFER', {
      headers: ['Refer-To: <sip:300@pbx.example>', 'Referred-By: <sip:200@pbx.example>'],
    });
    const refer = await caller.expect('REFER');
    expect(refer.header('Refer-To')).toBe('<sip:300@pbx.example>');
    expect(refer.header('Referred-By')).toBe('<sip:200@pbx.example>');
    caller.reply(refer, 202);
    const accepted = await callee.expect('202 REFER');
    expect(notes()).toEqual(['transfer asked-by-callee']);
    // Each leg counts its own requests, and the subscription is named by that number.
    const idOf = (message: typeof refer): number => Number.parseInt(message.header('CSeq'), 10);
    expect(idOf(refer)).not.toBe(idOf(accepted));
    const progress = { headers: [`Event: refer;id=${idOf(refer)}`, 'Subscription-State: active'] };
    caller.inDialog(call.callerSide, 'NOTIFY', progress);
    const notify = await callee.expect('NOTIFY');
    expect(notify.header('Event')).toBe(`refer;id=${idOf(accepted)}`);
    callee.reply(notify, 200);
    await caller.expect('200 NOTIFY');
  });

  test('an attended transfer: Replaces is translated between the legs, and the call it replaces says so', async () => {
    bench = await openBench();
    const { caller, callee, port } = bench;
    // The callee has two calls through us; it refers the caller of the first to the caller of the second.
    const first = await establish(bench);
    const second = await establish(bench);
    const named = `${second.calleeInvite.header('Call-ID')};to-tag=${second.calleeInvite.tag('From')};from-tag=callee`;
    callee.inDialog(first.calleeSide, 'REFER', {
      headers: [`Refer-To: <sip:200@127.0.0.1:${port}?Replaces=${encodeURIComponent(named)}>`],
    });
    const refer = await caller.expect('REFER');
    const replaces = decodeURIComponent(/Replaces=([^>]*)/.exec(refer.header('Refer-To'))?.[1] ?? '');
    expect(replaces).toBe(
      `${second.invite.header('Call-ID')};to-tag=${second.invite.tag('From')};from-tag=${second.ok.tag('To')}`,
    );
    caller.reply(refer, 202);
    const replacing = caller.invite({ port, body: sdp(), headers: [`Replaces: ${replaces}`] });
    const received = await callee.expect((message) => message.method === 'INVITE' && message.header('Replaces') !== '');
    expect(received.header('Replaces')).toBe(replaces);
    callee.reply(received, 200, { body: sdp(), toTag: 'third' });
    caller.ack(replacing, await caller.expect('200 INVITE'));
    caller.inDialog(second.callerSide, 'BYE');
    await caller.expect('200 BYE');
    expect(await bench.ended()).toEqual({ result: 'completed', reason: 'replaced', sipStatus: null });
  });

  test('a transfer to a call that does not pass through us: the Replaces goes on as it is', async () => {
    bench = await openBench();
    const { caller, callee } = bench;
    const call = await establish(bench);
    const referTo = '<sip:300@pbx.example?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>';
    caller.inDialog(call.callerSide, 'REFER', { headers: [`Refer-To: ${referTo}`] });
    const refer = await callee.expect('REFER');
    expect(refer.header('Refer-To')).toBe(referTo);
    callee.reply(refer, 202);
    await caller.expect('202 REFER');
  });

  test('a peer in a dialog is not asked who it is; a dialog that does not exist is 481', async () => {
    bench = await openBench({
      sip: { digest: { users: [{ name: 'ann', password: 'secret' }] }, allow: ['127.0.0.1'] },
    });
    const { caller, callee } = bench;
    const call = await establish(bench);
    callee.inDialog(call.calleeSide, 'OPTIONS');
    await callee.expect('200 OPTIONS');
    caller.inDialog({ ...call.callerSide, callId: 'nothing' }, 'BYE');
    expect((await caller.expect('481 BYE')).status).toBe(481);
  });
});
