import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ownAddress as own } from '#test/own-address.ts';
import type { Utterance } from '#analytics/types.ts';
import { hasRtpengine, RtpengineProcess } from '#sip/rtpengine/testing/rtpengine-process.ts';
import { TestServer } from '../server.ts';
import { hasBaresip, type Baresip } from './baresip.ts';
import { hasKamailio, startKamailio } from './kamailio.ts';
import type { KamailioProcess } from './kamailio-process.ts';
import { readRecording, shareOfOpeningTone, wordsHeard } from './sounds.ts';
import { annHz, bobHz, latestCall, SpeakingPhones } from './speaking-phones.ts';

const address = own ?? '';

/** Below those that the system and our RTP draw from. */
const [annsPort, bobsPort, kamailioPort] = [15_570, 15_580, 15_590];

describe.skipIf(!hasBaresip || !hasKamailio || !hasRtpengine || own === undefined)(
  'baresip, Kamailio, rtpengine, baresip, and a copy for us (baresip, kamailio, rtpengine)',
  () => {
    let rtpengine: RtpengineProcess;
    let kamailio: KamailioProcess;
    let server: TestServer;
    let phones: SpeakingPhones;

    beforeAll(async () => {
      phones = await SpeakingPhones.make(address);
      rtpengine = await RtpengineProcess.start({ address });
      server = await TestServer.start({
        yaml: 'asr: {processes: 1}\n',
        environment: { SIDETONE_RTPENGINE: `127.0.0.1:${rtpengine.ngPort}` },
      });
      await server.ready();
      kamailio = await startKamailio({
        address,
        port: kamailioPort,
        ngPort: rtpengine.ngPort,
        sidetone: server.sip,
        callee: `${address}:${bobsPort}`,
      });
    });
    afterEach(() => phones.closeAll());
    afterAll(async () => {
      await kamailio?.close();
      await server?.close();
      await rtpengine?.kill();
      phones?.removeSounds();
    });

    async function talk(): Promise<{ ann: Baresip; bob: Baresip }> {
      const bob = await phones.start('bob', bobsPort);
      const proxy = `${address}:${kamailioPort}`;
      const ann = await phones.start('ann', annsPort, { outbound: proxy, dials: `sip:bob@${proxy}` });
      await ann.says('Call established');
      return { ann, bob };
    }

    test('Ann calls Bob: they hear each other, and each is on their own side of the copy', async () => {
      const { ann, bob } = await talk();
      await new Promise((resolve) => setTimeout(resolve, 7000));
      await ann.press('b');
      await bob.says('session closed');
      const call = await latestCall(server, 'ended');
      expect(call).toMatchObject({
        source: 'rtpengine',
        termination: { result: 'completed', reason: 'sender-ended' },
        parties: [
          { side: 'caller', uri: `sip:ann@${address}` },
          { side: 'callee', uri: `sip:bob@${address}` },
        ],
      });
      const sipCallId = /^Call-ID: (\S+)/im.exec(ann.output)?.[1];
      expect(call.sipCallIds).toEqual([sipCallId]);
      // Told by Kamailio, not by the thirty seconds after which rtpengine forgets.
      expect(call.durationMs).toBeLessThan(25_000);
      const recording = await readRecording(
        await (await server.get(`/api/v1/calls/${call.callId}/recording`)).arrayBuffer(),
      );
      expect(shareOfOpeningTone(recording.caller, annHz)).toBeGreaterThan(0.9);
      expect(shareOfOpeningTone(recording.callee, bobHz)).toBeGreaterThan(0.9);
      const { items } = await server.json<{ items: Utterance[] }>(`/api/v1/calls/${call.callId}/transcript`);
      expect(wordsHeard(items, 'caller', 'refund')).toBeGreaterThan(0.6);
      expect(wordsHeard(items, 'callee', 'weather')).toBeGreaterThan(0.6);
      await Promise.all([ann.quit(), bob.quit()]);
      expect(shareOfOpeningTone(await bob.heard(), annHz)).toBeGreaterThan(0.9);
      expect(shareOfOpeningTone(await ann.heard(), bobHz)).toBeGreaterThan(0.9);
      expect(kamailio.log).not.toContain('Sidetone took no copy');
    });

    test('Bob puts Ann on hold and comes back: both are told at once', async () => {
      const { ann, bob } = await talk();
      await latestCall(server, 'active');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await bob.press('x');
      await ann.says('a=sendonly');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await bob.press('X');
      await ann.says('a=sendrecv', 4);
      await new Promise((resolve) => setTimeout(resolve, 500));
      await ann.press('b');
      await bob.says('session closed');
      const { metrics } = await latestCall(server, 'ended');
      expect(metrics?.holdMs).toBeGreaterThan(1000);
      expect(kamailio.log).not.toContain('Sidetone took no copy');
    });

    test('rtpengine dies in a call: an alert, the call ends as lost, and the next is copied again', async () => {
      const { ann } = await talk();
      const call = await latestCall(server, 'active');
      await rtpengine.kill();
      await server.logged('rtpengine does not answer', 20_000);
      expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('sidetone_sip_rtpengine_up 0');
      const lost = await latestCall(server, 'ended');
      expect(lost).toMatchObject({ callId: call.callId, termination: { result: 'failed', reason: 'sender-lost' } });
      expect(lost.notes).toContainEqual(expect.objectContaining({ note: 'rtpengine', detail: 'silent' }));
      await ann.press('b');
      await rtpengine.run();
      await phones.closeAll();
      // Kamailio leaves an rtpengine that was away alone for a second (rtpengine_disable_tout).
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await talk();
      expect((await latestCall(server, 'active')).callId).not.toBe(call.callId);
    });
  },
);
