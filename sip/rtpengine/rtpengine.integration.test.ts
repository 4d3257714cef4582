import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#lib/clock.ts';
import { configSchema } from '#lib/config/schema.ts';
import { HostResolver } from '#lib/host-resolver.ts';
import { LocalAddresses } from '#lib/local-address.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics, type Metrics } from '#lib/metrics.ts';
import { Forks } from '../forks/intake.ts';
import { Sources } from '../sources/book.ts';
import { createSourceNames } from '../sources/identity.ts';
import { SmallMediaGateway } from '../testing/media-gateway.ts';
import type { CallEvent, PartySide } from '../types.ts';
import { createRtpengineForks, type RtpengineForks } from './forks.ts';
import { NgClient } from './ng-client.ts';
import { Proxy } from './testing/proxy.ts';
import { RtpPhone } from './testing/rtp-phone.ts';
import { hasRtpengine, RtpengineProcess } from './testing/rtpengine-process.ts';

/** Codes that mean the same to mu-law and to no phone but its own. */
const [annsCode, bobsCode] = [0x11, 0x77];

describe.skipIf(!hasRtpengine)('copies from Debian’s rtpengine (rtpengine)', () => {
  let daemon: RtpengineProcess;
  let proxy: Proxy;
  let ann: RtpPhone;
  let bob: RtpPhone;
  let ng: NgClient;
  let media: SmallMediaGateway;
  let intake: Forks;
  let sources: Sources;
  let forks: RtpengineForks;
  let metrics: Metrics;
  let events: CallEvent[];
  let calls = 0;
  let sipCallId = '';

  beforeAll(async () => {
    daemon = await RtpengineProcess.start({ options: ['--delete-delay=1'] });
    proxy = await Proxy.open(daemon.ngPort);
  });
  afterAll(async () => {
    proxy?.close();
    await daemon?.kill();
  });

  async function open(): Promise<void> {
    [ann, bob] = await Promise.all([RtpPhone.open(annsCode), RtpPhone.open(bobsCode)]);
    sipCallId = `${++calls}@sidetone.test`;
    events = [];
    metrics = createMetrics();
    media = new SmallMediaGateway();
    const config = configSchema.parse({});
    sources = new Sources(systemClock, createSourceNames(config));
    intake = new Forks({
      config,
      media,
      clock: systemClock,
      logger: silentLogger,
      metrics,
      emit: (event) => events.push(event),
    });
    ng = new NgClient({
      host: '127.0.0.1',
      port: daemon.ngPort,
      resolver: new HostResolver(systemClock),
      logger: silentLogger,
      metrics,
      timing: { retransmitMs: 50, giveUpMs: 300, pingMs: 100 },
    });
    forks = createRtpengineForks({
      ng,
      intake,
      notes: sources,
      localAddresses: new LocalAddresses({ boundAddress: '127.0.0.1', advertiseAddress: undefined }),
      logger: silentLogger,
      timing: { pollMs: 100, graceMs: 300 },
    });
  }
  afterEach(async () => {
    ann.close();
    bob.close();
    await forks.close();
    intake.close();
    await ng.close();
    await media.close();
  });

  /** Ann calls Bob through the proxy; both talk. */
  async function talk(annsFormats = '0 8 101', bobsFormats = annsFormats, more: readonly string[] = []): Promise<void> {
    const bobHears = await proxy.offer(sipCallId, 'ann', ann.sdp(annsFormats, 'sendrecv', more));
    const annHears = await proxy.answer(sipCallId, 'ann', 'bob', bob.sdp(bobsFormats, 'sendrecv', more));
    ann.talk(annHears, Number(annsFormats.split(' ')[0]));
    bob.talk(bobHears, Number(bobsFormats.split(' ')[0]));
  }

  const heard = (side: PartySide): readonly Buffer[] => media.lastFork.stream(side).payloads;
  const ended = (): CallEvent | undefined => events.findLast(({ type }) => type === 'ended');

  test('each side of the copy carries its own phone, the talk goes on, and the call ends when it ends', async () => {
    await open();
    await talk();
    const request = {
      sipCallId,
      caller: '"Ann" <sip:ann@a.example;user=phone>;tag=x',
      callee: 'sip:bob@b.example:5080',
    };
    const [{ callId }, again] = await Promise.all([forks.fork(request), forks.fork({ sipCallId })]);
    expect(again).toEqual({ callId });
    await until(() => heard('caller').length > 20 && heard('callee').length > 20);
    expect(codesIn(heard('caller'))).toEqual([annsCode]);
    expect(codesIn(heard('callee'))).toEqual([bobsCode]);
    expect(codesIn(ann.heard)).toEqual([bobsCode]);
    expect(codesIn(bob.heard)).toEqual([annsCode]);
    expect(media.lastFork.stream('caller').settings).toMatchObject({
      remote: { address: '127.0.0.1' },
      expected: true,
      holding: false,
    });
    const formats = media.lastFork.stream('caller').settings?.formats;
    expect(formats).toContainEqual({ payloadType: 101, carries: 'telephone-event', clockRateHz: 8000 });
    expect(events.slice(0, 2)).toMatchObject([
      {
        type: 'ringing',
        callId,
        source: 'rtpengine',
        sipCallIds: [sipCallId],
        parties: [
          { side: 'caller', uri: 'sip:ann@a.example', displayName: 'Ann' },
          { side: 'callee', uri: 'sip:bob@b.example', displayName: null },
        ],
      },
      { type: 'answered' },
    ]);
    expect(await forks.fork({ sipCallId })).toEqual({ callId });
    ann.stop();
    bob.stop();
    await proxy.delete(sipCallId, 'ann', 'bob');
    await until(() => ended() !== undefined);
    expect(ended()).toMatchObject({ termination: { result: 'completed', reason: 'sender-ended' } });
    expect(events.filter(({ type }) => type === 'ringing')).toHaveLength(1);
    await until(() => forks.status().copies === 0);
    expect(forks.status().state).toBe('up');
  });

  test('hold is followed: who holds sends music, who is held sends nothing', async () => {
    await open();
    await talk();
    await forks.fork({ sipCallId, fromTag: 'ann', toTag: 'bob' });
    const settings = (side: PartySide): { expected: boolean; holding: boolean } | undefined =>
      media.lastFork.stream(side).settings;
    await proxy.offer(sipCallId, 'ann', ann.sdp('0 8 101', 'sendonly'), { 'to-tag': 'bob' });
    await proxy.answer(sipCallId, 'ann', 'bob', bob.sdp('0 8 101', 'recvonly'));
    await until(() => settings('caller')?.holding === true);
    expect(settings('callee')).toMatchObject({ expected: false, holding: false });
    await proxy.offer(sipCallId, 'ann', ann.sdp('0 8 101'), { 'to-tag': 'bob' });
    await proxy.answer(sipCallId, 'ann', 'bob', bob.sdp('0 8 101'));
    await until(() => settings('callee')?.expected === true);
    expect(settings('caller')).toMatchObject({ expected: true, holding: false });
    // The copy goes on with it.
    const before = heard('callee').length;
    await until(() => heard('callee').length > before + 5);
    expect(await forks.release(sipCallId)).toBe(true);
    expect(ended()).toMatchObject({ termination: { reason: 'sender-ended' } });
    expect(await forks.release(sipCallId)).toBe(false);
    // The talk does not end with the copy.
    const packets = bob.heard.length;
    await until(() => bob.heard.length > packets + 5);
  });

  test('a codec agreed to in mid-call: the copy is asked for anew, to the same ports', async () => {
    await open();
    await talk('0');
    await forks.fork({ sipCallId });
    await until(() => heard('caller').length > 5);
    const { caller, callee } = { caller: media.lastFork.stream('caller'), callee: media.lastFork.stream('callee') };
    const opus = ['a=rtpmap:111 opus/48000/2'];
    await proxy.offer(sipCallId, 'ann', ann.sdp('111', 'sendrecv', opus), { 'to-tag': 'bob' });
    await proxy.answer(sipCallId, 'ann', 'bob', bob.sdp('111', 'sendrecv', opus));
    expect(await forks.changed(sipCallId)).toBe(true);
    for (const stream of [caller, callee]) {
      expect(stream.settings?.formats).toContainEqual({ payloadType: 111, carries: 'opus', clockRateHz: 48_000 });
      // What cannot mean anything else is understood in between.
      expect(stream.settings?.formats).toContainEqual({ payloadType: 9, carries: 'g722', clockRateHz: 8000 });
    }
    const before = [caller.payloads.length, callee.payloads.length];
    await until(() => caller.payloads.length > (before[0] ?? 0) + 5 && callee.payloads.length > (before[1] ?? 0) + 5);
    expect(codesIn(caller.payloads)).toEqual([annsCode]);
    expect(media.lastFork.rtp.size).toBe(2);
    expect(await forks.changed('another')).toBe(false);
  });

  test('labels of the proxy say who is who, tags of digits keep their order, those that lost a fork are left out', async () => {
    await open();
    const invite = ann.sdp('0 101');
    await proxy.offer(sipCallId, '2', invite);
    await proxy.answer(sipCallId, '2', '1', bob.sdp('0 101'));
    const annHears = await proxy.answer(sipCallId, '2', '10', bob.sdp('0 101'), { label: 'callee' });
    const bobHears = await proxy.offer(sipCallId, '2', invite, { 'to-tag': '10' });
    ann.talk(annHears);
    bob.talk(bobHears);
    await forks.fork({ sipCallId });
    await until(() => heard('caller').length > 5 && heard('callee').length > 5);
    expect(codesIn(heard('caller'))).toEqual([annsCode]);
    expect(codesIn(heard('callee'))).toEqual([bobsCode]);
  });

  test('encrypted, bundled with video: the copy is plain sound', async () => {
    await open();
    const key = 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
    const video =
      'm=video 9 RTP/SAVP 96\r\na=rtpmap:96 H264/90000\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n';
    const secure = (phone: RtpPhone): string =>
      `${phone.sdp('0 101').replace('RTP/AVP', 'RTP/SAVP')}a=rtcp-mux\r\n${key}\r\n${video}`;
    await proxy.offer(sipCallId, 'ann', secure(ann));
    await proxy.answer(sipCallId, 'ann', 'bob', secure(bob));
    await forks.fork({ sipCallId });
    expect(media.lastFork.stream('caller').settings).toMatchObject({ rtcpMux: false, expected: true });
    expect(media.lastFork.rtp.size).toBe(2);
  });

  test('a codec that we do not take is translated by rtpengine, and the call says so', async () => {
    await open();
    // Frames of GSM begin with 0xd.
    for (const phone of [ann, bob]) phone.code = 0xd1;
    const bobHears = await proxy.offer(sipCallId, 'ann', ann.sdp('3'));
    const annHears = await proxy.answer(sipCallId, 'ann', 'bob', bob.sdp('3'));
    ann.talk(annHears, 3, 33);
    bob.talk(bobHears, 3, 33);
    await forks.fork({ sipCallId });
    await until(() => heard('caller').length > 5 && heard('callee').length > 5);
    expect(bob.heard[0]).toHaveLength(33);
    expect(heard('callee')[0]).toHaveLength(160);
    expect([...media.lastFork.stream('caller').payloadTypes]).toEqual([0]);
    expect(events).toContainEqual(expect.objectContaining({ note: 'copy-translated' }));
  });

  test('what cannot be forked is refused in words that say why, and leaves nothing behind', async () => {
    await open();
    await expect(forks.fork({ sipCallId: 'nobody@nowhere' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(forks.fork({ sipCallId: 'two words' })).rejects.toMatchObject({ code: 'bad-request' });
    await proxy.offer(sipCallId, 'ann', ann.sdp('0'));
    await expect(forks.fork({ sipCallId })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('not answered') as string,
    });
    await proxy.answer(sipCallId, 'ann', 'bob', bob.sdp('0'));
    await expect(forks.fork({ sipCallId, fromTag: 'eve' })).rejects.toMatchObject({ code: 'not-found' });
    media.streamLimit = 1;
    await expect(forks.fork({ sipCallId })).rejects.toMatchObject({ code: 'ports-exhausted' });
    expect(ended()).toMatchObject({ termination: { result: 'failed', reason: 'ports-exhausted' } });
    intake.drain();
    await expect(forks.fork({ sipCallId })).rejects.toMatchObject({ code: 'server-draining' });
    expect(forks.status().copies).toBe(0);
    // Nobody listens to the call any more.
    const query = await proxy.ask('query', { 'call-id': sipCallId, 'from-tag': 'ann', 'to-tag': 'ann' });
    const { subscribers } = (query['tags'] as Record<string, { subscribers: { type: string }[] }>)['ann'] ?? {};
    expect(subscribers?.map(({ type }) => type)).toEqual(['offer/answer']);
  });

  test('the house ends a copy: rtpengine stops sending', async () => {
    await open();
    await talk();
    await forks.fork({ sipCallId });
    await until(() => heard('caller').length > 5);
    await intake.hangUpAll('server-shutdown', 1000);
    expect(ended()).toMatchObject({ termination: { result: 'completed', reason: 'server-shutdown' } });
    expect(intake.size).toBe(0);
    const query = await proxy.ask('query', { 'call-id': sipCallId });
    expect(JSON.stringify(query)).not.toContain('pub/sub');
  });

  test('rtpengine dies and comes back: told within the limits, copies end as lost, new ones are taken again', async () => {
    await open();
    await talk();
    await forks.fork({ sipCallId });
    const states: string[] = [];
    ng.subscribe((state) => states.push(state));
    await daemon.kill();
    await until(() => forks.status().state === 'down');
    expect(events).toContainEqual(expect.objectContaining({ note: 'rtpengine', detail: 'silent' }));
    expect(await metrics.render()).toContain('sidetone_sip_rtpengine_up 0');
    await expect(forks.fork({ sipCallId: 'another' })).rejects.toMatchObject({ code: 'rtpengine-unavailable' });
    const [source] = sources.list();
    expect(source).toMatchObject({ source: 'rtpengine', sourceName: '127.0.0.1', ladder: [] });
    expect(source?.refused[0]).toMatchObject({ reason: 'rtpengine-unavailable', count: 1 });
    await until(() => ended() !== undefined);
    expect(ended()).toMatchObject({ termination: { result: 'failed', reason: 'sender-lost' } });
    await daemon.run();
    await until(() => forks.status().state === 'up');
    expect(states).toEqual(['down', 'up']);
    expect(await metrics.render()).toContain('sidetone_sip_rtpengine_up 1');
    sipCallId += '.again';
    await talk();
    await forks.fork({ sipCallId });
    await until(() => heard('caller').length > 5);
  });

  test('rtpengine is started anew so fast that nobody misses it: its copies are lost all the same', async () => {
    await open();
    await talk();
    await forks.fork({ sipCallId });
    // Its age is told in whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await daemon.kill();
    await daemon.run();
    await until(() => ended() !== undefined);
    expect(ended()).toMatchObject({ termination: { reason: 'sender-lost' } });
  });
});

function codesIn(payloads: readonly Buffer[]): readonly number[] {
  return [...new Set(payloads.flatMap((payload) => [...payload]))];
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('never came');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
