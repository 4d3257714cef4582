import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call } from '#analytics/types.ts';
import { msToSamples } from '#media/types.ts';
import { Proxy } from '#sip/rtpengine/testing/proxy.ts';
import { RtpPhone } from '#sip/rtpengine/testing/rtp-phone.ts';
import { hasRtpengine, RtpengineProcess } from '#sip/rtpengine/testing/rtpengine-process.ts';
import { TestServer, waitFor } from '../server.ts';
import { readRecording } from './sounds.ts';

/** Mu-law codes that phones send all the time, and the samples that they are. */
const anns = { code: 0x11, sample: -15_484 };
const bobs = { code: 0x77, sample: -64 };
const sipCallId = 'copied@proxy.example';

describe.skipIf(!hasRtpengine)('a copy that is asked for by HTTP (rtpengine)', () => {
  let rtpengine: RtpengineProcess;
  let proxy: Proxy;
  let server: TestServer;
  let phones: readonly RtpPhone[] = [];
  beforeAll(async () => {
    rtpengine = await RtpengineProcess.start();
    proxy = await Proxy.open(rtpengine.ngPort);
    server = await TestServer.start({
      yaml: `asr: {processes: 1}\nrtpengine: {address: '127.0.0.1:${rtpengine.ngPort}'}\n`,
    });
    await server.ready();
  });
  afterAll(async () => {
    for (const phone of phones) phone.close();
    proxy?.close();
    await server?.close();
    await rtpengine?.kill();
  });

  const ask = async (method: string, path: string, body?: unknown): Promise<{ status: number; answer: unknown }> => {
    const response = await server.request(method, `/api/v1${path}`, body);
    return { status: response.status, answer: response.status === 204 ? undefined : await response.json() };
  };
  const call = (callId: string): Promise<Call & { live: boolean; recording: object | null }> =>
    server.json(`/api/v1/calls/${callId}`);

  test('begins, pauses, goes on and ends as it is told; the times go on through a pause, and nothing is heard in it', async () => {
    expect(await ask('POST', '/forks/rtpengine', { sipCallId })).toMatchObject({
      status: 404,
      answer: { code: 'not-found' },
    });
    const [ann, bob] = await Promise.all([RtpPhone.open(anns.code), RtpPhone.open(bobs.code)]);
    phones = [ann, bob];
    const bobHears = await proxy.offer(sipCallId, 'ann', ann.sdp('0'));
    const annHears = await proxy.answer(sipCallId, 'ann', 'bob', bob.sdp('0'));
    ann.talk(annHears);
    bob.talk(bobHears);

    const asked = { sipCallId, fromTag: 'ann', caller: '"Ann" <sip:ann@a.example>', callee: 'sip:bob@b.example' };
    const { status, answer } = await ask('POST', '/forks/rtpengine', asked);
    expect(status).toBe(202);
    const { callId } = answer as { callId: string };
    expect(await ask('POST', '/forks/rtpengine', { sipCallId })).toEqual({ status: 202, answer: { callId } });
    await waitFor('the call to be live', async () => ((await call(callId)).state === 'active' ? true : undefined));

    await setTimeout(1500);
    expect(await ask('POST', `/calls/${callId}/pause`)).toEqual({ status: 200, answer: { callId, paused: true } });
    await setTimeout(1500);
    expect(await ask('POST', `/calls/${callId}/resume`)).toEqual({ status: 200, answer: { callId, paused: false } });
    await setTimeout(1500);
    expect((await ask('DELETE', `/forks/${callId}`)).status).toBe(204);
    expect((await ask('DELETE', `/forks/${callId}`)).status).toBe(409);

    const ended = await waitFor('the call to be stored', async () => {
      const now = await call(callId);
      return now.state === 'ended' && !now.live && now.recording !== null ? now : undefined;
    });
    expect(ended).toMatchObject({
      source: 'rtpengine',
      sipCallIds: [sipCallId],
      parties: [
        { side: 'caller', displayName: 'Ann', uri: 'sip:ann@a.example' },
        { side: 'callee', uri: 'sip:bob@b.example' },
      ],
      termination: { result: 'completed', reason: 'sender-ended' },
      pauses: [{ by: 'first start' }],
      recording: { channels: { left: ['caller'], right: ['callee'] } },
    });
    const [pause] = ended.pauses;
    const [fromMs, toMs] = [pause?.fromMs ?? 0, pause?.toMs ?? 0];
    const { caller, callee } = await readRecording(
      await (await server.get(`/api/v1/calls/${callId}/recording`)).arrayBuffer(),
    );
    const between = (pcm: Int16Array, startMs: number, endMs: number): readonly number[] => [
      ...new Set(pcm.subarray(msToSamples(startMs), msToSamples(endMs))),
    ];
    expect(toMs - fromMs).toBeGreaterThan(1000);
    expect(between(caller, fromMs + 50, toMs - 50)).toEqual([0]);
    expect(between(callee, fromMs + 50, toMs - 50)).toEqual([0]);
    for (const [startMs, endMs] of [
      [0, fromMs],
      [toMs, Infinity],
    ] as const) {
      expect(between(caller, startMs, endMs)).toContain(anns.sample);
      expect(between(callee, startMs, endMs)).toContain(bobs.sample);
    }
    expect((await server.json<{ items: { sourceName: string }[] }>('/api/v1/sources')).items).toMatchObject([
      {
        source: 'rtpengine',
        calls: 1,
        callsNow: 0,
        lastCall: { callId, live: false, legs: { caller: {}, callee: {} } },
      },
    ]);
  });
});
