import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { decodeG711 } from '#lib/audio/g711.ts';
import { systemClock } from '#lib/clock.ts';
import { HostResolver } from '#lib/host-resolver.ts';
import { LocalAddresses } from '#lib/local-address.ts';
import { silentLogger } from '#lib/log.ts';
import { createMetrics, type Metrics } from '#lib/metrics.ts';
import { talkingLeg } from '#test/leg-settings.ts';
import { SmallMediaGateway } from '../testing/media-gateway.ts';
import type { LegMediaSettings, MediaCall, TalkSide } from '../types.ts';
import { AnchoredGateway } from './anchored-gateway.ts';
import { NgClient } from './ng-client.ts';
import { queryParticipants } from './subscription.ts';
import { RtpPhone } from './testing/rtp-phone.ts';
import { hasRtpengine, RtpengineProcess } from './testing/rtpengine-process.ts';

const [annsCode, bobsCode] = [0x11, 0x77];

describe.skipIf(!hasRtpengine)('our own calls in Debian’s rtpengine (rtpengine)', () => {
  let daemon: RtpengineProcess;
  let ng: NgClient;
  let media: SmallMediaGateway;
  let gateway: AnchoredGateway;
  let metrics: Metrics;
  let ann: RtpPhone;
  let bob: RtpPhone;
  let call: MediaCall;
  const callId = '019a0000-0000-7000-8000-00000000000a';

  beforeAll(async () => {
    daemon = await RtpengineProcess.start();
  });
  afterAll(() => daemon?.kill());

  async function open(onLoss: 'refuse' | 'anchor-here' = 'refuse'): Promise<void> {
    [ann, bob] = await Promise.all([RtpPhone.open(annsCode), RtpPhone.open(bobsCode)]);
    metrics = createMetrics();
    media = new SmallMediaGateway();
    ng = new NgClient({
      host: '127.0.0.1',
      port: daemon.ngPort,
      resolver: new HostResolver(systemClock),
      logger: silentLogger,
      metrics,
      timing: { retransmitMs: 50, giveUpMs: 300, pingMs: 100 },
    });
    gateway = new AnchoredGateway({
      ng,
      media,
      onLoss,
      localAddresses: new LocalAddresses({ boundAddress: '127.0.0.1', advertiseAddress: undefined }),
      logger: silentLogger,
      metrics,
      timing: { pollMs: 100, graceMs: 200 },
    });
  }
  afterEach(async () => {
    ann.close();
    bob.close();
    await gateway.close();
    await ng.close();
    await media.close();
  });

  const settings = (phone: RtpPhone, changes: Partial<LegMediaSettings> = {}): LegMediaSettings =>
    talkingLeg(phone.port, { comfortNoise: null, ...changes });
  const copied = (side: TalkSide): readonly Buffer[] => media.lastFork.stream(side).payloads;

  async function talk(): Promise<void> {
    call = await gateway.open({ callId, record: 'all' });
    call.update('caller', settings(ann));
    call.update('callee', settings(bob));
    ann.talk(call.ports.caller.rtpPort);
    bob.talk(call.ports.callee.rtpPort);
    await until(() => ann.heard.length > 10 && bob.heard.length > 10);
  }

  test('the phones hear each other through rtpengine, we hear a copy of each, and no port of ours is in the talk path', async () => {
    await open();
    await talk();
    expect(call.ports.caller.address).toBe('127.0.0.1');
    expect(codesIn(ann.heard)).toEqual([bobsCode]);
    expect(codesIn(bob.heard)).toEqual([annsCode]);
    await until(() => copied('caller').length > 10 && copied('callee').length > 10);
    expect(codesIn(copied('caller'))).toEqual([annsCode]);
    expect(codesIn(copied('callee'))).toEqual([bobsCode]);
    expect(media.calls).toEqual([]);
    call.digitByInfo('callee', 120);
    expect(media.lastFork.stream('callee').keys).toEqual([120]);
    call.pause(true);
    expect(media.lastFork.pauses).toEqual([true]);
    await call.close();
    expect(gateway.size).toBe(0);
    expect(media.lastFork.closed).toBe(true);
    const before = [ann.heard.length, bob.heard.length];
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([ann.heard.length, bob.heard.length]).toEqual(before);
    expect(await ng.ask('query', { 'call-id': callId })).toMatchObject({ ok: false });
  });

  test('a phone that moves keeps its port at rtpengine; hold is told; laws are translated where they differ', async () => {
    await open();
    await talk();
    const ports = call.ports;
    const moved = await RtpPhone.open(0x33);
    bob.stop();
    call.update('callee', settings(moved, { sendLaw: 'pcma' }));
    moved.talk(ports.callee.rtpPort, 8);
    await until(() => moved.heard.length > 20);
    const [level = 0] = decodeG711('pcmu', Buffer.from([annsCode]));
    const inALaw = decodeG711('pcma', Buffer.concat(moved.heard.slice(-5)));
    for (const sample of inALaw) expect(Math.abs(sample / level - 1)).toBeLessThan(0.05);
    await until(() => codesIn(ann.heard.slice(-5)).every((code) => code !== bobsCode));
    call.update('caller', settings(ann, { listens: false, holding: true }));
    call.update('callee', settings(moved, { sendLaw: 'pcma', talks: false }));
    await until(() => media.lastFork.stream('caller').settings?.holding === true);
    expect(media.lastFork.stream('callee').settings?.expected).toBe(false);
    let parties = await queryParticipants(ng, callId);
    // What is told in several messages is true after the last.
    for (let tries = 0; parties?.[1]?.talks === true && tries < 50; tries += 1) {
      await pause(20);
      parties = await queryParticipants(ng, callId);
    }
    expect(parties).toMatchObject([
      { tag: 'caller', talks: true, listens: false },
      { tag: 'callee', talks: false, listens: true },
    ]);
    moved.close();
  });

  test('first words of a callee whose address nobody knows yet come through', async () => {
    await open();
    call = await gateway.open({ callId, record: 'all' });
    call.update('caller', settings(ann));
    call.update('callee', settings(bob, { remote: null, listens: false }));
    await pause(50);
    bob.talk(call.ports.callee.rtpPort);
    await until(() => ann.heard.length > 10);
    expect(codesIn(ann.heard)).toEqual([bobsCode]);
  });

  test('phones that have no law in common', async () => {
    await open();
    call = await gateway.open({ callId, record: 'all' });
    call.update('caller', settings(ann));
    await pause(30);
    call.update('callee', settings(bob, { remote: null, listens: false }));
    await pause(30);
    call.update('caller', settings(ann));
    call.update('callee', settings(bob, { sendLaw: 'pcma' }));
    await pause(30);
    bob.talk(call.ports.callee.rtpPort, 8);
    ann.talk(call.ports.caller.rtpPort, 0);
    await until(() => ann.heard.length > 10 && bob.heard.length > 10);
    expect([...ann.payloadTypes]).toEqual([0]);
    expect([...bob.payloadTypes]).toEqual([8]);
  });

  test('rtpengine dies: its calls have failed, new ones are refused; it returns, and they are taken', async () => {
    await open('refuse');
    await talk();
    const troubles: object[] = [];
    gateway.onTrouble((trouble) => troubles.push(trouble));
    await daemon.kill();
    await until(() => troubles.length > 0);
    expect(troubles).toEqual([{ callId, kind: 'failed' }]);
    await expect(gateway.open({ callId: 'b', record: 'all' })).rejects.toMatchObject({ code: 'rtpengine-unavailable' });
    expect(media.calls).toEqual([]);
    await call.close();
    await daemon.run();
    await until(() => ng.state === 'up');
    await talk();
  });

  test('started anew between two looks: its calls have failed', async () => {
    await open();
    await talk();
    const troubles: object[] = [];
    gateway.onTrouble((trouble) => troubles.push(trouble));
    await pause(2500);
    await daemon.kill();
    await daemon.run();
    await until(() => troubles.length > 0);
    expect(troubles[0]).toEqual({ callId, kind: 'failed' });
  });

  test('anchor-here: while rtpengine does not answer, calls are carried by us and counted', async () => {
    await daemon.kill();
    await open('anchor-here');
    const carried = await gateway.open({ callId, record: 'all' });
    expect(media.calls).toHaveLength(1);
    expect(carried.ports.caller.address).toBeUndefined();
    expect(await metrics.render()).toContain('sidetone_sip_rtpengine_carried_here_total 1');
    await daemon.run();
  });
});

function codesIn(payloads: readonly Buffer[]): readonly number[] {
  return [...new Set(payloads.flatMap((payload) => [...payload]))];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('never came');
    await pause(20);
  }
}
