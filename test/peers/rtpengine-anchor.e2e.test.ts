import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Call, Utterance } from '#analytics/types.ts';
import { hasRtpengine, RtpengineProcess } from '#sip/rtpengine/testing/rtpengine-process.ts';
import { TestServer, waitFor } from '../server.ts';
import { Baresip, hasBaresip, type BaresipOptions } from './baresip.ts';
import { readRecording, shareOfOpeningTone, wordsHeard, writeToneAndSentence } from './sounds.ts';

/** baresip does not bind loopback. */
const own = Object.values(networkInterfaces())
  .flat()
  .find((each) => each !== undefined && each.family === 'IPv4' && !each.internal)?.address;
const address = own ?? '';

/** Below those that the system and our RTP draw from. */
const [annsPort, bobsPort] = [15_670, 15_680];
const [annHz, bobHz] = [500, 900];
const rtpPorts = { first: 23_000, last: 23_999 };

interface CallAnswer extends Call {
  readonly live: boolean;
}

describe.skipIf(!hasBaresip || !hasRtpengine || own === undefined)(
  'calls of ours whose talk path is in rtpengine (baresip, rtpengine)',
  () => {
    let sounds: string;
    let rtpengine: RtpengineProcess;
    let server: TestServer;
    let phones: Baresip[] = [];

    beforeAll(async () => {
      sounds = mkdtempSync(join(tmpdir(), 'sidetone-sounds-'));
      await writeToneAndSentence(join(sounds, 'ann.wav'), annHz, 'refund');
      await writeToneAndSentence(join(sounds, 'bob.wav'), bobHz, 'weather');
      rtpengine = await RtpengineProcess.start({ address });
      server = await TestServer.start({
        yaml: `asr: {processes: 1}\nrtpengine: {address: '127.0.0.1:${rtpengine.ngPort}', mode: anchor}\n`,
        environment: { SIDETONE_RTP_PORTS: `${rtpPorts.first}-${rtpPorts.last}` },
      });
      await server.ready();
    });
    afterEach(async () => {
      await Promise.all(phones.map((each) => each.close()));
      phones = [];
    });
    afterAll(async () => {
      await server?.close();
      await rtpengine?.kill();
      rmSync(sounds, { recursive: true, force: true });
    });

    async function phone(name: 'ann' | 'bob', port: number, more: Partial<BaresipOptions> = {}): Promise<Baresip> {
      const plays = join(sounds, `${name}.wav`);
      const started = await Baresip.start({ name, address, port, plays, ...more });
      phones.push(started);
      return started;
    }

    /** Each speaks one law alone, so that somebody must translate. */
    async function dial(): Promise<{ ann: Baresip; bob: Baresip }> {
      const bob = await phone('bob', bobsPort, { codec: 'PCMA' });
      const dials = `sip:bob@${address}:${bobsPort}`;
      return { ann: await phone('ann', annsPort, { outbound: server.sip, codec: 'PCMU', dials }), bob };
    }

    const latestCall = (): Promise<CallAnswer> =>
      waitFor('the latest call to be stored', async () => {
        const { items } = await server.json<{ items: Call[] }>('/api/v1/calls?limit=1');
        const call = items[0] && (await server.json<CallAnswer>(`/api/v1/calls/${items[0].callId}`));
        return call?.state === 'ended' && !call.live ? call : undefined;
      });

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
      const call = await latestCall();
      expect(call).toMatchObject({
        source: 'b2bua',
        termination: { result: 'completed', reason: 'callee-hung-up' },
      });
      expect(call.notes.map(({ note, detail }) => `${note} ${detail}`)).toEqual(['hold callee', 'resume callee']);
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
      expect(await latestCall()).toMatchObject({ termination: { result: 'failed', reason: 'media-failed' } });
      ann.command(`/dial sip:bob@${address}:${bobsPort}`);
      await ann.says('SIP/2.0 503');
      await rtpengine.run();
    });
  },
);
