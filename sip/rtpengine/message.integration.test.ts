import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openBench, type Bench } from '../testing/bench.ts';
import type { RawMessage } from '../testing/raw-message.ts';
import { Proxy } from './testing/proxy.ts';
import { RtpPhone } from './testing/rtp-phone.ts';
import { hasRtpengine, RtpengineProcess } from './testing/rtpengine-process.ts';

let bench: Bench;
afterEach(() => bench.close());

/** A MESSAGE outside a dialog, and its final answer. */
async function tell(body: string, type = 'message/sipfrag'): Promise<RawMessage> {
  const { caller, port } = bench;
  const callId = randomBytes(8).toString('hex');
  caller.sendText(
    [
      `MESSAGE sip:sidetone@127.0.0.1:${port} SIP/2.0`,
      caller.via(),
      'Max-Forwards: 70',
      `From: <sip:kamailio@127.0.0.1:${caller.port}>;tag=k`,
      `To: <sip:sidetone@127.0.0.1:${port}>`,
      `Call-ID: ${callId}`,
      'CSeq: 10 MESSAGE',
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
    port,
  );
  return caller.expect((message) => message.status >= 200 && message.header('call-id') === callId);
}

const answered = (sipCallId: string): string =>
  `SIP/2.0 200 OK\r\nCall-ID: ${sipCallId}\r\nFrom: "Ann" <sip:ann@a.example>;tag=ann\r\nTo: <sip:bob@b.example>;tag=bob\r\n`;
const over = (sipCallId: string): string => `BYE sip:bob@192.0.2.7 SIP/2.0\r\nCall-ID: ${sipCallId}\r\n`;

test('without an rtpengine a MESSAGE is for nobody', async () => {
  bench = await openBench();
  expect((await tell(answered('x'))).status).toBe(405);
});

test('from a source that may not call: 403', async () => {
  bench = await openBench({ rtpengine: { address: '127.0.0.1:9' }, sip: { allow: ['192.0.2.1/32'] } });
  expect((await tell(answered('x'))).status).toBe(403);
});

describe.skipIf(!hasRtpengine)('a proxy tells of its calls (rtpengine)', () => {
  let daemon: RtpengineProcess;
  let proxy: Proxy;
  let phones: RtpPhone[] = [];
  beforeAll(async () => {
    daemon = await RtpengineProcess.start();
    proxy = await Proxy.open(daemon.ngPort);
  });
  afterEach(() => {
    for (const phone of phones) phone.close();
    phones = [];
  });
  afterAll(async () => {
    proxy?.close();
    await daemon?.kill();
  });

  const open = async (): Promise<void> => {
    bench = await openBench({ rtpengine: { address: `127.0.0.1:${daemon.ngPort}` } });
  };

  test('answered: a copy of each side under a call of its own; over: ended, and nobody minds hearing it twice', async () => {
    await open();
    const [ann, bob] = await Promise.all([RtpPhone.open(0x11), RtpPhone.open(0x77)]);
    phones = [ann, bob];
    const bobHears = await proxy.offer('told@a', 'ann', ann.sdp('0 101'));
    const annHears = await proxy.answer('told@a', 'ann', 'bob', bob.sdp('0 101'));
    ann.talk(annHears);
    bob.talk(bobHears);
    const answer = await tell(answered('told@a'));
    expect(answer.status).toBe(200);
    const ringing = bench.events.find((event) => event.type === 'ringing');
    expect(ringing).toMatchObject({
      callId: answer.header('x-sidetone-call-id'),
      source: 'rtpengine',
      sipCallIds: ['told@a'],
      parties: [{ uri: 'sip:ann@a.example', displayName: 'Ann' }, { uri: 'sip:bob@b.example' }],
    });
    const { lastFork } = bench.media;
    const heard = (side: 'caller' | 'callee'): number => lastFork.stream(side).payloads.length;
    for (let tries = 0; tries < 100 && (heard('caller') < 5 || heard('callee') < 5); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(lastFork.stream('caller').payloads[0]?.[0]).toBe(0x11);
    expect(lastFork.stream('callee').payloads[0]?.[0]).toBe(0x77);
    expect(bench.server.rtpengine()).toMatchObject({ state: 'up', copies: 1, carried: 0 });
    expect((await tell(over('told@a'))).status).toBe(200);
    expect(await bench.ended()).toMatchObject({ result: 'completed', reason: 'sender-ended' });
    expect((await tell(over('told@a'))).status).toBe(200);
    expect(bench.server.activeCalls).toBe(0);
  });

  test('what cannot be done is said in the Warning, and counted by its reason', async () => {
    await open();
    const unknown = await tell(answered('nobody@a'));
    expect([unknown.status, unknown.header('warning')]).toEqual([
      404,
      expect.stringMatching(/^399 sidetone "rtpengine/),
    ]);
    const wrong = await tell('hello', 'text/plain');
    expect([wrong.status, wrong.header('accept')]).toEqual([415, 'message/sipfrag']);
    expect((await tell('hello')).status).toBe(400);
    bench.server.drain();
    await proxy.offer('late@a', 'ann', (await silentPhone()).sdp('0'));
    await proxy.answer('late@a', 'ann', 'bob', (await silentPhone()).sdp('0'));
    const late = await tell(answered('late@a'));
    expect([late.status, late.header('retry-after')]).toEqual([503, '10']);
    expect(await bench.metrics.render()).toMatch(/refus\w+\{reason="fork-not-found"\} 1/);
  });

  async function silentPhone(): Promise<RtpPhone> {
    const opened = await RtpPhone.open(0);
    phones.push(opened);
    return opened;
  }
});
