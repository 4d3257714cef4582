import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ownAddress as own } from '#test/own-address.ts';
import type { Utterance } from '#analytics/types.ts';
import { hasRtpengine, RtpengineProcess } from '#sip/rtpengine/testing/rtpengine-process.ts';
import { TestServer } from '../server.ts';
import { hasBaresip, type Baresip } from './baresip.ts';
import { readRecording, shareOfOpeningTone, wordsHeard } from './sounds.ts';
import { annHz, bobHz, latestCall, SpeakingPhones } from './speaking-phones.ts';

const address = own ?? '';

/** Below those that the system and our RTP draw from. */
const [annsPort, bobsPort] = [15_670, 15_680];
const rtpPorts = { first: 23_000, last: 23_999 };

describe.skipIf(!hasBaresip || !hasRtpengine || own === undefined)(
  'calls of ours whose talk path is in rtpengine (baresip, rtpengine)',
  () => {
    let rtpengine: RtpengineProcess;
    let server: TestServer;
    let phones: SpeakingPhones;

    beforeAll(async () => {
      phones = await SpeakingPhones.make(address);
      rtpengine = await RtpengineProcess.start({ address });
      server = await TestServer.start({
        yaml: `asr: {processes: 1}\nrtpengine: {address: '127.0.0.1:${rtpengine.ngPort}', mode: anchor}\n`,
        environment: { SIDETONE_RTP_PORTS: `${rtpPorts.first}-${rtpPorts.last}` },
      });
      await server.ready();
    });
    afterEach(() => phones.closeAll());
    afterAll(async () => {
      await server?.close();
      await rtpengine?.kill();
      phones?.removeSounds();
    });

    /** Each speaks one law alone, so that somebody must translate. */
    async function dial(): Promise<{ ann: Baresip; bob: Baresip }> {
      const bob = await phones.start('bob', bobsPort, { codec: 'PCMA' });
      const dials = `sip:bob@${address}:${bobsPort}`;
      return { ann: await phones.start('ann', annsPort, { outbound: server.sip, codec: 'PCMU', dials }), bob };
    }

    test('no port of ours is told to a phone; they hear each other, hold, and each is on their side of the recording', async () => {
      const { ann, bob } = await dial();
      await ann.says('Call established');
      await new Promise((resolve) => setTimeout(resolve, 7000));
      await bob.press('x');
      await ann.says('a=sendonly');
      await bob.press('X');
      await ann.says('a=sendrecv', 4);
      // baresip begins anew after a hold, in what it plays and in what it keeps.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await bob.press('b');
      await ann.says('session closed');
      const call = await latestCall(server, 'ended');
      expect(call).toMatchObject({
        source: 'b2bua',
        termination: { result: 'completed', reason: 'callee-hung-up' },
      });
      const holds = call.notes.filter(({ untilMs }) => untilMs === undefined);
      expect(holds.map(({ note, detail }) => `${note} ${detail}`)).toEqual(['hold callee', 'resume callee']);
      await Promise.all([ann.quit(), bob.quit()]);
      for (const each of [ann, bob]) {
        const told = each.messages.filter(({ to, text }) => to.startsWith(address) && text.includes('m=audio'));
        expect(told.length).toBeGreaterThan(0);
        const ports = told.map(({ text }) => Number(/^m=audio (\d+)/m.exec(text)?.[1]));
        for (const port of ports) expect(port < rtpPorts.first || port > rtpPorts.last).toBe(true);
        // The same from the first to the last description.
        expect(new Set(ports).size).toBe(1);
        for (const { text } of told) expect(text).toContain(`c=IN IP4 ${address}`);
      }
      const recording = await readRecording(
        await (await server.get(`/api/v1/calls/${call.callId}/recording`)).arrayBuffer(),
      );
      expect(shareOfOpeningTone(recording.caller, annHz)).toBeGreaterThan(0.9);
      expect(shareOfOpeningTone(recording.callee, bobHz)).toBeGreaterThan(0.9);
      expect(shareOfOpeningTone(await bob.heard(), annHz)).toBeGreaterThan(0.9);
      expect(shareOfOpeningTone(await ann.heard(), bobHz)).toBeGreaterThan(0.9);
      const { items } = await server.json<{ items: Utterance[] }>(`/api/v1/calls/${call.callId}/transcript`);
      expect(wordsHeard(items, 'caller', 'refund')).toBeGreaterThan(0.6);
      expect(wordsHeard(items, 'callee', 'weather')).toBeGreaterThan(0.6);
    });

    test('rtpengine dies in a call: both phones are hung up on; the next call is refused with 503', async () => {
      const { ann, bob } = await dial();
      await ann.says('Call established');
      await rtpengine.kill();
      await Promise.all([ann.says('session closed'), bob.says('session closed')]);
      expect(await latestCall(server, 'ended')).toMatchObject({
        termination: { result: 'failed', reason: 'media-failed' },
      });
      ann.command(`/dial sip:bob@${address}:${bobsPort}`);
      await ann.says('SIP/2.0 503');
      await rtpengine.run();
    });
  },
);
